// Cookies that the pages keep for the next page. No script can read them, and with `__Host-` no other site can
// set them.

import { type Context, visitOf } from './visit.server.ts'

/** Names of cookies that only the pages use; they are not sent to the API. */
const ofPages = /^(__Host-)?(draft-\d|said|second-step)$/

const nameOf = (context: Context, name: string) => `${isSecure(context) ? '__Host-' : ''}${name}`
const isSecure = (context: Context) => visitOf(context).publicUrl.startsWith('https:')

/** Sets the cookie to `value`, which must consist of cookie characters, for `seconds`; 0 deletes the cookie. */
export function keepCookie(context: Context, name: string, value: string, seconds: number): void {
  const secure = isSecure(context) ? '; Secure' : ''
  visitOf(context).setCookies.push(
    `${nameOf(context, name)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
  )
}

/** The value the browser sent for `name`, or undefined. */
export function readCookie(context: Context, name: string): string | undefined {
  const start = `${nameOf(context, name)}=`
  const found = visitOf(context)
    .headers.cookie.split(/;\s*/)
    .find((one) => one.startsWith(start))
  return found?.slice(start.length)
}

/** A Cookie header without the pages' own cookies. */
export const forApi = (cookie: string): string =>
  cookie
    .split(/;\s*/)
    .filter((one) => !ofPages.test(one.split('=', 1)[0]!))
    .join('; ')
