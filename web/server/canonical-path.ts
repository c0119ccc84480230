// The canonical URL of a page: without a trailing slash.

/**
 * Path and query without trailing slashes in the path; null if there are none. Also null for anything a browser
 * would take for another site: two leading slashes, or a backslash.
 */
export function canonicalPath(url: string): string | null {
  const start = url.indexOf('?')
  const [path, query] = start === -1 ? [url, ''] : [url.slice(0, start), url.slice(start)]
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  if (end === path.length || end < 2 || path[1] === '/' || path.includes('\\')) return null
  return path.slice(0, end) + query
}
