// A message for the next page about what was just done. It is kept in the browser and not in the URL, so no
// link can make a page claim something that never happened.

import { keepCookie, readCookie } from './cookies.server.ts'
import type { Context } from './visit.server.ts'

const keptSeconds = 60
const form = /^([a-z-]+)\.([0-9a-f-]{36}|)\.(\d{1,8})$/

type What =
  | 'event-kept'
  | 'refunded'
  | 'about-me-saved'
  | 'password-saved'
  | 'device-ended'
  | 'address-asked'
  | 'app-added'
  | 'app-removed'
  | 'passkey-added'
  | 'passkey-removed'
  | 'banned'
  | 'unbanned'
  | 'replayed'
  | 'taken-down'
  | 'order-cancelled'
  | 'mail-chosen'
/** `about` is the id of the subject, or empty; `amount` is in minor units or a count, or 0. */
type Said = { about: string; amount: number }

export const sayNext = (context: Context, what: What, { about = '', amount = 0 }: Partial<Said> = {}): void =>
  keepCookie(context, 'said', `${what}.${about}.${amount}`, keptSeconds)

/** The message to show now, and only now, if it is one of `whats`. */
export function takeSaid<W extends What>(context: Context, ...whats: readonly W[]): (Said & { what: W }) | null {
  const [, said, about = '', amount] = form.exec(readCookie(context, 'said') ?? '') ?? []
  const what = whats.find((one) => one === said)
  if (!what) return null
  keepCookie(context, 'said', '', 0)
  return { what, about, amount: Number(amount) }
}
