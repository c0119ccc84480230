// Defence against cross-site requests, beside SameSite=Lax: browsers send the origin of an unsafe request
// (https://www.w3.org/TR/fetch-metadata/), other clients send nothing.

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * True for an unsafe request that a browser made from another origin (scheme, host and port) than the one it goes
 * to. `publicUrl` is what people type; the Host header may name another host of the site, but not another scheme.
 */
export function isCrossOrigin(method: string, headers: Headers, publicUrl: string): boolean {
  if (safe.has(method)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin } = headers
  if (typeof origin !== 'string') return false
  const { host, protocol } = new URL(publicUrl)
  // Behind a proxy the Host header may be an internal name; the public address is always right.
  const hosts = [headers['x-forwarded-host'], headers.host, host]
  return !URL.canParse(origin) || new URL(origin).protocol !== protocol || !hosts.includes(new URL(origin).host)
}
