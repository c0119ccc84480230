// Keyset paging: the next page begins after the last row's sort values, found through an index, so its cost does
// not grow with the page number. A list queries one row more than it shows. Only that row tells whether there is a
// next page, so no link leads to an empty one.

import { type Refusal, refuse } from '../errors.ts'

/**
 * Reads the values of a cursor, which must be of `kinds`, or refuses. The client can change a cursor, so its values
 * are checked like any input.
 */
export function readCursor(
  after: string,
  kinds: readonly ('id' | 'integer' | 'time' | 'text')[],
): (string | number)[] | Refusal {
  try {
    const values: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'))
    if (Array.isArray(values) && values.length === kinds.length && values.every((value, i) => isKind(value, kinds[i])))
      return values
  } catch {
    // Not JSON: refused below like every other bad cursor.
  }
  return refuse('invalid', { field: 'after', message: 'is not a cursor of this list; take it from the Link header' })
}

function isKind(value: unknown, kind: 'id' | 'integer' | 'time' | 'text' | undefined): boolean {
  switch (kind) {
    case 'id':
      return typeof value === 'string' && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(value)
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31
    case 'time':
      return typeof value === 'string' && isTime(value)
    case 'text':
      return typeof value === 'string' && !value.includes('\0')
    case undefined:
      return false
  }
}

/** True for the output of toISOString: Date.parse alone accepts 30 February, which PostgreSQL does not. */
const isTime = (text: string): boolean =>
  /^2\d{3}-/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text

/**
 * Cuts `rows`, which were queried with `limit + 1`, to one page. `cursor` is written from the sort values of the
 * last row shown; it is null when this is the last page.
 */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  valuesOf: (row: Row) => readonly (string | number)[],
): { shown: readonly Row[]; cursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { shown, cursor: last && rows.length > limit ? writeCursor(valuesOf(last)) : null }
}

/** An opaque cursor with the sort values of a row. */
const writeCursor = (values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url')

/** The Link header with the next page of `path`, or no header when `cursor` is null (RFC 8288). */
export function nextPage(path: string, query: Record<string, unknown>, cursor: string | null): Record<string, string> {
  if (cursor === null) return {}
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && name !== 'after') search.set(name, String(value))
  search.set('after', cursor)
  return { link: `<${path}?${search}>; rel="next"` }
}
