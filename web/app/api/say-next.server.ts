// A sentence for the next page, about what has just been done. It is kept by the browser and not in the address, so
// that no link can make a page say what never happened.

import { keepCookie, readCookie } from './cookies.server.ts'
import type { Context } from './visit.server.ts'

const keptSeconds = 60
const form = /^([a-z-]+)\.([0-9a-f-]{36})\.(\d{1,8})$/

type What = 'event-kept' | 'refunded'
/** `about` is the id of what it is about; `amount` is in minor units, or 0. */
type Said = { about: string; amount: number }

export const sayNext = (context: Context, what: What, { about, amount }: Said): void =>
  keepCookie(context, 'said', `${what}.${about}.${amount}`, keptSeconds)

/** What is to be said about `what` now, and only now. */
export function takeSaid(context: Context, what: What): Said | null {
  const [, said, about, amount] = form.exec(readCookie(context, 'said') ?? '') ?? []
  if (said !== what || !about) return null
  keepCookie(context, 'said', '', 0)
  return { about, amount: Number(amount) }
}
