// What the first line of a request names, and the Host header beside it (RFC 9112, 3.2).

type Headers = { readonly host?: string | undefined }

/** A request of node:http, whose `url` may have been made another one. */
type Asked = { httpVersion: string; headers: Headers; rawHeaders: readonly string[] }

/**
 * The target as path and query, which is how all but proxies write it; null when it is in another form. The whole
 * address is taken where its host is the one of the Host header.
 */
export function originForm(target: string, headers: Headers): string | null {
  if (target.startsWith('/')) return target
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target) ?? []
  if (authority?.toLowerCase() !== headers.host?.toLowerCase() || authority === undefined) return null
  return rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * Whether a request names one host, and by `target`, as it came, an address there. Of two Host headers the next reader
 * may take the other one.
 */
export function isProper({ httpVersion, headers, rawHeaders }: Asked, target: string): boolean {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === 'host') hosts++
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return false
  return originForm(target, headers) !== null
}

/** The Allow header of an address that has `methods`. */
export const allowHeader = (methods: readonly string[]): string =>
  [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))), 'OPTIONS'].join(', ')
