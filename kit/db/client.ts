// postgres.js as it is set up here. Who connects does so by connect.ts.

import postgres from 'postgres'
import { arrayTypes } from './array-types.ts'

/** Between two tries to connect. */
const longestPauseSeconds = 0.5

/** snake_case columns become camelCase; an undefined parameter is NULL; notices are not errors. */
export const clientOptions = {
  transform: { column: { from: postgres.toCamel }, undefined: null },
  onnotice: () => {},
  types: arrayTypes,
  fetch_types: false,
  // Its own grows to 20 s with every connection that was lost, and does not always shrink again.
  backoff: (retries: number) => Math.min(0.02 * 2 ** retries, longestPauseSeconds),
} satisfies postgres.Options<Record<string, postgres.PostgresType>>

export type ClientOptions = postgres.Options<Record<string, postgres.PostgresType>>

/** Opens a client for `url`. As in libpq, `?host=/directory` names a Unix socket, which saves a good part of a round trip over TCP. */
export function openClient(url: string, options: ClientOptions = {}): postgres.Sql {
  const parsed = new URL(url)
  const socketDir = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  return postgres(parsed.href, { ...clientOptions, ...(socketDir ? { host: socketDir } : {}), ...options })
}
