// postgres.js as it is set up here. Who connects does so by connect.ts.

import { readFileSync } from 'node:fs'
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

/** Tagged template for SQL: values become parameters, never text. */
export type Sql = postgres.ISql<Record<never, never>>

export type ClientOptions = postgres.Options<Record<string, postgres.PostgresType>>

/** What `sslmode` and `sslrootcert` of an address ask for, as in libpq. An encrypted connection to who knows whom is not offered: it is no secret from an attacker. */
function tlsOf(url: URL): { ssl?: { ca?: string } } {
  const [mode, ca] = [url.searchParams.get('sslmode'), url.searchParams.get('sslrootcert')]
  for (const name of ['sslmode', 'sslrootcert']) url.searchParams.delete(name)
  if (mode === 'verify-full') return { ssl: ca && ca !== 'system' ? { ca: readFileSync(ca, 'utf8') } : {} }
  if (ca === null && (mode === null || mode === 'disable')) return {}
  throw new Error(`sslmode=${mode ?? ''} of a database's address is neither verify-full nor disable.`)
}

/**
 * Opens a client for `url`. As in libpq, `?host=/directory` names a Unix socket, which saves a good part of a round trip over TCP, and
 * `?sslmode=verify-full&sslrootcert=/file` asks for TLS with a server that this authority knows; without the file, one that Node trusts.
 * @throws {Error} the file cannot be read, or another sslmode
 */
export function openClient(url: string, options: ClientOptions = {}): postgres.Sql {
  const parsed = new URL(url)
  const socketDir = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  const tls = tlsOf(parsed)
  return postgres(parsed.href, { ...clientOptions, ...tls, ...(socketDir ? { host: socketDir } : {}), ...options })
}
