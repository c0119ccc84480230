// The settings of postgres.js. Other code connects through connect.ts.

import { readFileSync } from 'node:fs'
import postgres from 'postgres'
import { arrayTypes } from './array-types.ts'

/** Longest pause between two attempts to connect. */
const longestPauseSeconds = 0.5

/** snake_case columns become camelCase; an undefined parameter is NULL; notices are not errors. */
export const clientOptions = {
  transform: { column: { from: postgres.toCamel }, undefined: null },
  onnotice: () => {},
  types: arrayTypes,
  fetch_types: false,
  // The default backoff grows to 20 s with every lost connection, and does not always shrink again.
  backoff: (retries: number) => Math.min(0.02 * 2 ** retries, longestPauseSeconds),
} satisfies postgres.Options<Record<string, postgres.PostgresType>>

/** Tagged template for SQL: values become parameters, never text. */
export type Sql = postgres.ISql<Record<never, never>>

export type ClientOptions = postgres.Options<Record<string, postgres.PostgresType>>

/**
 * The TLS options that `sslmode` and `sslrootcert` of a URL ask for, as in libpq. Encryption without verifying the
 * server is not offered: it keeps nothing secret from an attacker in between.
 */
function tlsOf(url: URL): { ssl?: { ca?: string } } {
  const [mode, ca] = [url.searchParams.get('sslmode'), url.searchParams.get('sslrootcert')]
  for (const name of ['sslmode', 'sslrootcert']) url.searchParams.delete(name)
  if (mode === 'verify-full') return { ssl: ca && ca !== 'system' ? { ca: readFileSync(ca, 'utf8') } : {} }
  if (ca === null && (mode === null || mode === 'disable')) return {}
  throw new Error(`sslmode=${mode ?? ''} of a database's address is neither verify-full nor disable.`)
}

/**
 * Opens a client for `url`. As in libpq, `?host=/directory` names a Unix socket, which saves a good part of a round
 * trip over TCP. `?sslmode=verify-full&sslrootcert=/file` asks for TLS with a server whose certificate this CA has
 * signed; without the file, a CA that Node trusts. See https://www.postgresql.org/docs/current/libpq-connect.html.
 * @throws {Error} the file cannot be read, or the sslmode is another one
 */
export function openClient(url: string, options: ClientOptions = {}): postgres.Sql {
  const parsed = new URL(url)
  const socketDir = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  const tls = tlsOf(parsed)
  return postgres(parsed.href, { ...clientOptions, ...tls, ...(socketDir ? { host: socketDir } : {}), ...options })
}
