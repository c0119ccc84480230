import { Link, useLocation, useSearchParams } from 'react-router'

/** Lists are paged forward by a cursor. A link leads back to the beginning; the browser has its own way back. */
export function Pager({
  next,
  more,
  first,
  name = 'after',
}: {
  next: string | null
  more: string
  first: string
  name?: string
}) {
  const { pathname } = useLocation()
  const [search] = useSearchParams()
  const to = (cursor: string | null) => {
    const changed = new URLSearchParams(search)
    if (cursor) changed.set(name, cursor)
    else changed.delete(name)
    return `${pathname}${changed.size > 0 ? `?${changed}` : ''}`
  }
  if (!next && !search.has(name)) return null
  return (
    <nav className="mt-8 flex flex-wrap gap-x-6 gap-y-2" aria-label={more}>
      {search.has(name) && (
        <Link className="button" to={to(null)}>
          {first}
        </Link>
      )}
      {next && (
        <Link className="button" to={to(next)}>
          {more}
        </Link>
      )}
    </nav>
  )
}
