// How every part of the code opens a connection to PostgreSQL.

import postgres from 'postgres'

/** snake_case columns become camelCase; an undefined parameter is NULL; notices are not errors. */
export const clientOptions = {
  transform: { column: { from: postgres.toCamel }, undefined: null },
  onnotice: () => {},
} satisfies postgres.Options<Record<string, postgres.PostgresType>>

/** Opens a client for `url`. As in libpq, `?host=/directory` names a Unix socket, which saves a good part of a round trip over TCP. */
export function connect(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>> = {},
): postgres.Sql {
  const parsed = new URL(url)
  const socketDir = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  return postgres(parsed.href, { ...clientOptions, ...(socketDir ? { host: socketDir } : {}), ...options })
}
