// The one address of a page: without a slash at its end.

/**
 * Path and query without the slashes at the path's end; null when there are none. Never for what a browser would take
 * for another site: two slashes at the beginning, or a backslash.
 */
export function canonicalPath(url: string): string | null {
  const [, path, query = ''] = /^(\/[^/\\?][^\\?]*?)\/+(\?.*)?$/.exec(url) ?? []
  return path === undefined ? null : `${path}${query}`
}
