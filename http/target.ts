// What the first line of a request names, and the Host header beside it (RFC 9112, 3.2).

type Headers = { readonly host?: string | undefined }

/** A request of node:http, whose `url` may have been replaced. */
type Asked = { httpVersion: string; headers: Headers; rawHeaders: readonly string[] }

/**
 * The target as path and query, the form that all clients but proxies use; null when it is in another form. An
 * absolute URL is accepted where its host is that of the Host header.
 */
export function originForm(target: string, headers: Headers): string | null {
  if (target.startsWith('/')) return target
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target) ?? []
  if (authority?.toLowerCase() !== headers.host?.toLowerCase() || authority === undefined) return null
  return rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * Whether a request names exactly one host, and an address there by `target`, as it arrived. With two Host headers
 * the next reader might use the other one.
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
