import { useState } from 'react'
import { useNavigation, useSubmit } from 'react-router'
import type { Asked } from './ask-browser.ts'

type Fault = Extract<Asked<never>, { ok: false }>
/** The form that carries a passkey to the page's action. */
export type Fields = Readonly<Record<string, string>>

/** Asks the browser for a passkey when a button is pressed, and submits it with `fields`. */
export function useAsking(ask: () => Promise<Asked<unknown>>, fields: Fields) {
  const submit = useSubmit()
  const { state } = useNavigation()
  const [isAsking, setIsAsking] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const send = (passkey: unknown) => submit({ ...fields, passkey: JSON.stringify(passkey) }, { method: 'post' })

  async function press() {
    if (isAsking || state !== 'idle') return
    setFault(undefined)
    setIsAsking(true)
    const asked = await ask()
    setIsAsking(false)
    if (asked.ok) await send(asked.passkey)
    else setFault(asked)
  }

  return { isAsking, isIdle: !isAsking && state === 'idle', fault, press, send }
}
