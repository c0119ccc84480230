// A button that asks the browser for a passkey and submits what it has signed as a form of the page.

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useNavigation, useSubmit } from 'react-router'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import { type Asked, type Begin, canOffer, getPasskey, stopAsking } from './ask-browser.ts'
import { PasskeyFault } from './passkey-fault.tsx'
import { useCanUsePasskeys } from './use-can.ts'

/** The intent of the form. */
export const passkeyIntent = 'passkey'
/** An offer is made again before its challenge ends, after five minutes. */
const offerAgainMs = 4 * 60_000

type Props = {
  begin: Begin
  children: ReactNode
  /** Other fields of the form. */
  fields?: Readonly<Record<string, string>>
  /** Whether the browser also offers passkeys in the page's field of `username webauthn`. */
  isOffered?: boolean
}
type Fault = Extract<Asked<never>, { ok: false }>

export function PasskeyButton({ begin, children, fields = {}, isOffered = false }: Props) {
  const { passkeys } = usePasskeyTexts()
  const canUse = useCanUsePasskeys()
  const submit = useSubmit()
  const { state } = useNavigation()
  const [isAsking, setIsAsking] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const offers = canUse && isOffered && !isAsking && state === 'idle'
  const send = (passkey: unknown) =>
    submit({ ...fields, intent: passkeyIntent, passkey: JSON.stringify(passkey) }, { method: 'post' })
  const latest = useRef({ begin, send })
  useEffect(() => {
    latest.current = { begin, send }
  })
  useEffect(() => {
    if (!offers) return
    let isOver = false
    const offer = async () => {
      if (!(await canOffer()) || isOver) return
      const asked = await getPasskey(latest.current.begin, true)
      if (asked.ok && !isOver) await latest.current.send(asked.passkey)
    }
    void offer()
    const timer = setInterval(offer, offerAgainMs)
    return () => {
      isOver = true
      clearInterval(timer)
      void stopAsking()
    }
  }, [offers])
  if (!canUse) return null

  async function press() {
    if (isAsking || state !== 'idle') return
    setFault(undefined)
    setIsAsking(true)
    const asked = await getPasskey(begin)
    setIsAsking(false)
    if (asked.ok) await send(asked.passkey)
    else setFault(asked)
  }

  return (
    <div className="grid gap-3">
      <button type="button" className="button" aria-disabled={isAsking || undefined} onClick={press}>
        {isAsking ? passkeys.asking : children}
      </button>
      <PasskeyFault fault={fault} />
    </div>
  )
}
