// What every page tells the browser: what may run in it, who may keep it.

import { securityHeaders } from '@aisle/http/headers'
import { isSignedIn } from './signed-in.ts'

/**
 * Inline scripts only by the nonce of this one page or by their hash, as `scripts` says; styles and pictures only from here. `paymentOrigins` is where the
 * form that pays leads: browsers hold the redirect after a form against form-action too.
 */
export function pageHeaders(scripts: readonly string[], publicUrl: string, paymentOrigins: readonly string[]) {
  const policy = [
    "default-src 'none'",
    ['script-src', "'self'", ...scripts].join(' '),
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ['form-action', "'self'", ...paymentOrigins].join(' '),
    ...(publicUrl.startsWith('https:') ? ['upgrade-insecure-requests'] : []),
  ]
  return securityHeaders(publicUrl, policy.join('; '))
}

/** Pages that are the same for everyone who is signed out. Others hold a key of their own for the form on them, or somebody's address. */
const sameForStrangers = /^\/(tickets(\/[^/]+)?|events\/[^/]+)?$/
/** Pages that are the same for all members too: the page of a ticket differs for its seller. */
const sameForMembers = /^\/(tickets|events\/[^/]+)?$/

type Asked = { method: string; path: string; cookie: string }

/** Whether the page at `path` is the same for all who are what this visitor is: a stranger, a member or an admin. */
export const isShared = ({ method, path, cookie }: Asked) =>
  (method === 'GET' || method === 'HEAD') &&
  (isSignedIn(cookie) ? sameForMembers : sameForStrangers).test(path.split('?', 1)[0]!)

/** Whether it is the same for everyone who comes like this, so that a cache may keep it. */
export const isForEveryone = (asked: Asked) => isShared(asked) && !isSignedIn(asked.cookie)

/** A second is enough to carry a crowd, and short enough that nobody sees a ticket that is long gone. */
const shared = 'public, max-age=1, stale-while-revalidate=5'
/** A page that is open asks for its data when it must have the newest. */
const sharedData = 'public, max-age=1'
const personal = 'private, no-store'

/** Of a page for one person, whatever it was made from. */
export const personalHeaders = (setCookies: string[]) => ({
  'cache-control': personal,
  ...(setCookies.length > 0 ? { 'set-cookie': setCookies } : {}),
})

type Shown = { method: string; path: string; status: number; cookie: string; setsCookie: boolean; isData: boolean }

/** Nothing that was made for one person, or that sets a cookie, may be kept by anyone. */
export function cacheControl({ status, setsCookie, isData, ...asked }: Shown): string {
  if (status !== 200 || setsCookie || !isForEveryone(asked)) return personal
  return isData ? sharedData : shared
}
