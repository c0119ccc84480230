// Response headers of every page: what may run in it, and who may cache it.

import { securityHeaders } from '@aisle/http/headers'
import { isSignedIn } from './signed-in.ts'
import { sitePageNames } from './visit.ts'

/**
 * Inline scripts are allowed only by this page's nonce or by their hash, as in `scripts`; styles and images
 * only from here. `paymentOrigins` are the destinations of the payment form: browsers also apply form-action to
 * the redirect after a form.
 */
export function pageHeaders(
  scripts: readonly string[],
  publicUrl: string,
  paymentOrigins: readonly string[],
  path: string,
): Record<string, string> {
  if (mailHtml.test(path)) return mailHeaders(publicUrl)
  const policy = [
    "default-src 'none'",
    ['script-src', "'self'", ...scripts].join(' '),
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    ...(mailPage.test(path) ? ["frame-src 'self'"] : []),
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ['form-action', "'self'", ...paymentOrigins].join(' '),
    ...(publicUrl.startsWith('https:') ? ['upgrade-insecure-requests'] : []),
  ]
  return securityHeaders(publicUrl, policy.join('; '))
}

/** A mail in the development mailbox, and the frame in it that shows its HTML. */
const mailPage = /^\/dev\/mail\/[\da-f-]{36}$/
const mailHtml = /^\/dev\/mail\/[\da-f-]{36}\/html$/

/** A mail has its styles in itself, runs nothing and loads nothing. */
const mailHeaders = (publicUrl: string) => ({
  ...securityHeaders(
    publicUrl,
    "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'",
  ),
  'x-frame-options': 'SAMEORIGIN',
})

/**
 * Pages that are the same for all signed-out visitors. Other pages contain a unique key for their form, or a
 * person's address.
 */
const sameForStrangers = new RegExp(`^/(tickets(/[^/]+)?|events/[^/]+|${sitePageNames.join('|')})?$`)
/** Pages that are the same for all members too: a ticket's page differs for its seller. */
const sameForMembers = new RegExp(`^/(tickets|events/[^/]+|${sitePageNames.join('|')})?$`)

type Asked = { method: string; path: string; cookie: string }

/** Whether the page at `path` is the same for the visitor's whole audience: strangers, members or admins. */
export const isShared = ({ method, path, cookie }: Asked) =>
  (method === 'GET' || method === 'HEAD') &&
  (isSignedIn(cookie) ? sameForMembers : sameForStrangers).test(path.split('?', 1)[0]!)

/** Whether it is the same for everyone who requests it like this, so that a cache may store it. */
export const isForEveryone = (asked: Asked) => isShared(asked) && !isSignedIn(asked.cookie)

/** A second is enough to carry a crowd, and short enough not to show tickets that are long gone. */
const shared = 'public, max-age=1, stale-while-revalidate=5'
/** An open page requests its data when it must have the newest. */
const sharedData = 'public, max-age=1'
const personal = 'private, no-store'

/** The headers of a page for one person, whatever it was made from. */
export const personalHeaders = (setCookies: string[]) => ({
  'cache-control': personal,
  ...(setCookies.length > 0 ? { 'set-cookie': setCookies } : {}),
})

/**
 * The headers of a page whose address has a secret in it: no other site learns where a visitor came from. With
 * `no-referrer`, browsers would not name the origin of the page's own form either, and it would be refused.
 */
export const secretHeaders = { 'referrer-policy': 'same-origin' }

type Shown = { method: string; path: string; status: number; cookie: string; setsCookie: boolean; isData: boolean }

/** A response made for one person, or one that sets a cookie, must not be cached by anyone. */
export function cacheControl({ status, setsCookie, isData, ...asked }: Shown): string {
  if (status !== 200 || setsCookie || !isForEveryone(asked)) return personal
  return isData ? sharedData : shared
}
