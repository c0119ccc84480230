// Asks for a passkey and submits what it has signed as a form of the page.

import { type ReactNode, useEffect, useRef } from 'react'
import { type Begin, canOffer, getPasskey, stopAsking } from './ask-browser.ts'
import { AskButton } from './ask-button.tsx'
import { type Fields, useAsking } from './use-asking.ts'
import { useCanUsePasskeys } from './use-can.ts'

/** The intent of the form. */
export const passkeyIntent = 'passkey'
/** An offer is made again before its challenge ends, after five minutes. */
const offerAgainMs = 4 * 60_000

type Props = {
  begin: Begin
  children: ReactNode
  /** Other fields of the form. */
  fields?: Fields
  look?: 'main' | 'plain'
  /** Whether the browser also offers passkeys in the page's field of `username webauthn`. */
  isOffered?: boolean
}

export function PasskeyButton({ begin, children, fields = {}, look = 'plain', isOffered = false }: Props) {
  const asking = useAsking(() => getPasskey(begin), { ...fields, intent: passkeyIntent })
  const offers = useCanUsePasskeys() && isOffered && asking.isIdle
  const latest = useRef({ begin, send: asking.send })
  useEffect(() => {
    latest.current = { begin, send: asking.send }
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
  return (
    <AskButton asking={asking} look={look}>
      {children}
    </AskButton>
  )
}
