// Defence against cross-site requests, beside SameSite=Lax: browsers say where an unsafe request comes from, other clients say nothing.

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** True for an unsafe request that a browser made from another site than the one it goes to. */
export function isCrossOrigin(method: string, headers: Headers, publicUrl: string): boolean {
  if (safe.has(method)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = headers.origin
  if (typeof origin !== 'string') return false
  // Behind a proxy the Host header may be an inner name; the public address is always right.
  const hosts = [headers['x-forwarded-host'], headers.host, new URL(publicUrl).host]
  return !URL.canParse(origin) || !hosts.includes(new URL(origin).host)
}
