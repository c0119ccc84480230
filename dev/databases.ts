/**
 * One database per service, and roles that can open nothing else. For each service name:
 *   <service>         owns the database of the same name; may connect to that one only
 *   <service>_reader  may connect to it and use schema public; the service's migrations grant what it may read
 */
import postgres from 'postgres'
import type { EmbeddedPostgres, PostgresConnection } from './postgres.ts'

/** An open transaction holds back the message logs of the whole server, so neither idle nor long ones may stay. */
const ROLE_SETTINGS = { idle_in_transaction_session_timeout: '10s', transaction_timeout: '30s' }
/**
 * For every other role, superusers included: a person may leave in the middle of a transaction. Long ones are
 * allowed, since they may be backups.
 */
const EVERYBODYS_SETTING = ['idle_in_transaction_session_timeout', '60s'] as const

/**
 * Creates missing databases, roles, passwords and grants; when nothing is missing it is one query.
 * @throws when the server cannot be reached or refuses
 */
export async function ensureDatabases(pg: EmbeddedPostgres, services: readonly string[]): Promise<void> {
  const readerOf = (service: string) => `${service}_reader`
  const roles = services.flatMap((service) => [service, readerOf(service)])
  const renewed = new Set(await pg.secrets.ensure(roles))
  await using admin = connect(pg)
  const { sql } = admin

  // All as JSON: with `fetch_types: false` (one round trip less) postgres.js does not know arrays.
  const [have] = await sql<
    { roles: Record<string, string[]>; connect: Record<string, string[]>; open: string[]; everybody: string[] }[]
  >`
    select
      (select coalesce(json_object_agg(rolname, coalesce(setconfig, '{}')), '{}')
         from pg_roles left join pg_db_role_setting s on s.setrole = pg_roles.oid and s.setdatabase = 0) as roles,
      (select json_object_agg(datname, to_json(array(
           select pg_get_userbyid(grantee) from aclexplode(datacl)
            where privilege_type = 'CONNECT' and grantee <> 0)))
         from pg_database) as connect,
      to_json(array(select unnest(setconfig) from pg_db_role_setting
        where setrole = 0 and setdatabase = 0)) as everybody,
      to_json(array(
        select datname from pg_database
         where has_database_privilege('public', oid, 'CONNECT') and datname <> 'template0')) as open`
  const statements: string[] = []

  const [key, value] = EVERYBODYS_SETTING
  if (!have!.everybody.includes(`${key}=${value}`)) statements.push(`alter role all set ${key} = ${text(value)}`)
  for (const database of have!.open) {
    if (!services.includes(database)) statements.push(`revoke all on database ${name(database)} from public`)
  }
  for (const role of roles) {
    const settings = have!.roles[role]
    const password = text(pg.secrets.roles[role]!)
    if (!settings) statements.push(`create role ${name(role)} login password ${password}`)
    else if (renewed.has(role)) statements.push(`alter role ${name(role)} password ${password}`)
    for (const [key, value] of Object.entries(ROLE_SETTINGS)) {
      if (!settings?.includes(`${key}=${value}`))
        statements.push(`alter role ${name(role)} set ${key} = ${text(value)}`)
    }
  }
  // One transaction for everything that can be in one; then each database, which cannot.
  if (statements.length > 0) await sql.unsafe(statements.join(';\n'))

  for (const service of services) {
    const connect = have!.connect[service]
    if (!connect) await sql.unsafe(`create database ${name(service)} owner ${name(service)}`)
    if (connect?.includes(readerOf(service)) && !have!.open.includes(service)) continue
    await grantConnect(sql, service, [service, readerOf(service)])
  }
}

async function grantConnect(sql: postgres.Sql, database: string, roles: string[]): Promise<void> {
  const grants = roles.map((role) => `grant connect on database ${name(database)} to ${name(role)}`)
  // Without CONNECT only the owner and superusers get in, so this is the wall between the services.
  await sql.unsafe([`revoke all on database ${name(database)} from public`, ...grants].join(';\n'))
}

function connect(pg: PostgresConnection): AsyncDisposable & { sql: postgres.Sql } {
  const sql = postgres(pg.adminUrl, { max: 1, onnotice: () => {}, fetch_types: false })
  return { sql, [Symbol.asyncDispose]: () => sql.end() }
}

function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function text(literal: string): string {
  return `'${literal.replaceAll("'", "''")}'`
}
