// Defence against cross-site requests, as the services have it: browsers say where an unsafe request comes from.

import type { IncomingHttpHeaders } from 'node:http'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** True for an unsafe request that a browser made from another site than the one it goes to. */
export function isCrossOrigin(method: string, headers: IncomingHttpHeaders, publicUrl: string): boolean {
  if (safe.has(method)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin } = headers
  if (origin === undefined) return false
  // Behind a proxy the Host header may be an inner name; the public address is always right.
  const hosts = [headers['x-forwarded-host'], headers.host, new URL(publicUrl).host]
  return !URL.canParse(origin) || !hosts.includes(new URL(origin).host)
}
