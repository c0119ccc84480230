// The one address of a page: without a slash at its end.

/**
 * Path and query without the slashes at the path's end; null when there are none. Never for what a browser would take
 * for another site: two slashes at the beginning, or a backslash.
 */
export function canonicalPath(url: string): string | null {
  const start = url.indexOf('?')
  const [path, query] = start === -1 ? [url, ''] : [url.slice(0, start), url.slice(start)]
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  if (end === path.length || end < 2 || path[1] === '/' || path.includes('\\')) return null
  return path.slice(0, end) + query
}
