// Defence against cross-site requests, beside SameSite=Lax: browsers say where an unsafe request comes from, other clients say nothing.

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * True for an unsafe request that a browser made from another origin than the one it goes to: scheme, host and port.
 * `publicUrl` is what people type; the Host header may name another host of ours, but not another scheme.
 */
export function isCrossOrigin(method: string, headers: Headers, publicUrl: string): boolean {
  if (safe.has(method)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin } = headers
  if (typeof origin !== 'string') return false
  const { host, protocol } = new URL(publicUrl)
  // Behind a proxy the Host header may be an inner name; the public address is always right.
  const hosts = [headers['x-forwarded-host'], headers.host, host]
  return !URL.canParse(origin) || new URL(origin).protocol !== protocol || !hosts.includes(new URL(origin).host)
}
