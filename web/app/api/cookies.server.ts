// What a browser keeps for the next page. No script reads it, and with `__Host-` no other site can put it there.

import { type Context, visitOf } from './visit.server.ts'

/** Names of cookies that are between the browser and the pages alone: the API is not sent them. */
const ofPages = /^(__Host-)?(draft-\d|said)$/

const nameOf = (context: Context, name: string) => `${isSecure(context) ? '__Host-' : ''}${name}`
const isSecure = (context: Context) => visitOf(context).publicUrl.startsWith('https:')

/** Keeps `value`, text of a cookie's own characters, for `seconds`; 0 takes the cookie away. */
export function keepCookie(context: Context, name: string, value: string, seconds: number): void {
  const secure = isSecure(context) ? '; Secure' : ''
  visitOf(context).setCookies.push(
    `${nameOf(context, name)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
  )
}

/** What the browser sent for `name`, or undefined. */
export function readCookie(context: Context, name: string): string | undefined {
  const start = `${nameOf(context, name)}=`
  const found = visitOf(context)
    .headers.cookie.split(/;\s*/)
    .find((one) => one.startsWith(start))
  return found?.slice(start.length)
}

/** A Cookie header without the pages' own. */
export const forApi = (cookie: string): string =>
  cookie
    .split(/;\s*/)
    .filter((one) => !ofPages.test(one.split('=', 1)[0]!))
    .join('; ')
