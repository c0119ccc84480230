// The limit of row (f): how many sales a second the same server could take if their rows were written by pgbench, with
// no service between. In a database of its own beside those of the stack, where each service's tables are a schema.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSecrets } from '@aisle/dev/postgres-files'
import { services } from '@aisle/dev/stack'
import { migrateService } from '@aisle/kit/boot/start'
import { connect } from '@aisle/kit/db/connect'
import { inTransactions, saleStatements, scriptOf, ticket } from './sale-statements.ts'
import type { BenchStack } from './stack.ts'
import { pgbench } from './wrk.ts'

const database = 'sale_rows'
const seconds = 5
const ticketsAClient = 2_000
const names = Object.keys(saleStatements) as (keyof typeof saleStatements)[]

export type SaleRows = AsyncDisposable & {
  /** The fewest transactions in which a sale can be written: one for each service. */
  readonly fewest: number
  /** Sales a second, each in so many transactions. */
  perSecond(transactions: number): Promise<number>
}

export async function openSaleRows(stack: BenchStack, clients: number): Promise<SaleRows> {
  const url = await createTables(stack, clients)
  const folder = await mkdtemp(join(tmpdir(), 'aisle-bench-load-'))
  let runs = 0
  return {
    fewest: names.length,
    async perSecond(transactions) {
      // Numbers of sales that no other run has used; pgbench keeps a client's variables from sale to sale.
      const script = `\\set sale :sale + 1
\\set id (${++runs} * 1000 + :client_id) * 1000000 + :sale
\\set ticket :client_id * ${ticketsAClient} + :sale % ${ticketsAClient}
${scriptOf(inTransactions(saleStatements, transactions))}`
      const file = join(folder, 'sale.sql')
      await writeFile(file, script)
      return await pgbench(url, file, { clients, seconds, variables: { sale: 0 } })
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Resolves to the URL for pgbench. */
async function createTables(stack: BenchStack, clients: number): Promise<string> {
  const { roles } = await openSecrets(join(stack.dataDir, 'postgres'))
  const urlOf = (role: string) => {
    const url = new URL(stack.databases.orders!)
    url.username = role
    url.password = roles[role]!
    return url
  }
  const at = (name: string, role: string) => Object.assign(urlOf(role), { pathname: `/${name}` }).href
  const admin = connect(at('postgres', 'postgres'), { max: 1 })
  await admin.unsafe(`create database ${database}`)
  // Where a service's migrations create their tables when they name no schema. Their functions name `public`.
  for (const name of names)
    await admin.unsafe(`alter role ${name} in database ${database} set search_path = ${name};
      alter role ${name} in database ${database} set check_function_bodies = off`)
  // The trigger of the ledger writes to the balances of payments.
  await admin.unsafe(`alter database ${database} set search_path = payments`)
  await admin.end()

  const sql = connect(at(database, 'postgres'), { max: 1, answerWithinMs: null })
  for (const name of names) {
    await sql.unsafe(`create schema ${name} authorization ${name}`)
    await migrateService(services.find((service) => service.name === name)!, at(database, name))
    await sql.unsafe(`insert into ${name}.cursors (publisher, xid, seq)
      select n::text, '0', 0 from generate_series(0, ${clients - 1}) n`)
  }
  const each = `from generate_series(0, ${clients * ticketsAClient - 1}) n`
  await sql.unsafe(`insert into tickets.users (id, version, name) values (${ticket('1')}, 1, 'Seller');
    insert into tickets.tickets (id, version, title, price, currency, seller_id, status, search, search_version,
      created_at, updated_at)
    select ${ticket('n')}, 1, 'Ticket', 5000, 'usd', ${ticket('1')}, 'listed', '', 1, now(), now() ${each};
    insert into orders.tickets (id, version, status, seller_id, title, price, currency)
    select ${ticket('n')}, 1, 'listed', ${ticket('1')}, 'Ticket', 5000, 'usd' ${each}`)
  await sql.unsafe('vacuum (analyze)')
  await sql.end()
  return at(database, 'postgres')
}
