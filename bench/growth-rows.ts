// Rows as `count` sales leave them in every database, all in the past: messages are numbered before those that
// listeners have read.

import type { BenchStack } from './stack.ts'

const atOnce = 50_000

/** The same ids in every database: `id(kind, n)`. */
const id = (kind: string, n = 'n') => `('0180${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
const at = `now() - interval '6 days' * (1 - n::float8 / $3::float8)`
const [order, ticket, payment, event] = [id('1000'), id('2000'), id('3000'), id('4000')]

const messages = (perSale: number) => `
  insert into outbox (xid, message, written_at)
  select '100'::xid8, json_build_object('specversion', '1.0', 'id', uuidv7(), 'source', '/aisle/orders', 'type',
    'order:old', 'subject', ${order}, 'time', now(), 'datacontenttype', 'application/json', 'data',
    json_build_object('id', ${order}, 'text', repeat('x', 600))), ${at}
  from generate_series($1::int, $2::int) n, generate_series(1, ${perSale}) again`
const consumed = (perSale: number) => `
  insert into inbox (message_id, consumed_at)
  select ${id('5000', `n * ${perSale} + again`)}, ${at}
  from generate_series($1::int, $2::int) n, generate_series(1, ${perSale}) again`

const statements = (seller: string): Record<string, string[]> => ({
  orders: [
    `insert into tickets (id, version, status, seller_id, title, price, currency)
     select ${ticket}, 3, 'sold', '${seller}', 'Ticket', 5000, 'usd' from generate_series($1::int, $2::int) n
     where $3::int > 0`,
    `insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
       payment_id, payment_version, expires_at, created_at, updated_at)
     select ${order}, 4, 'complete', ${event}, '${seller}', ${ticket}, 1, 'Ticket', 5000, 'usd', ${payment}, 1, ${at},
       ${at}, ${at}
     from generate_series($1::int, $2::int) n`,
    `insert into order_steps (order_id, version, status, expires_at, at)
     select ${order}, version, 'paying', ${at}, ${at}
     from generate_series($1::int, $2::int) n, generate_series(1, 4) version`,
    `insert into idempotency_keys (scope, key, fingerprint, status, answer, created_at)
     select ${event}::text, n::text, '\\x00', 201, json_build_object('text', repeat('x', 400)), now()
     from generate_series($1::int, $2::int) n where n % 7 = 0 and $3::int > 0`,
    consumed(4),
    messages(5),
  ],
  tickets: [
    `insert into tickets (id, version, title, price, currency, seller_id, status, order_id, seat_key, search,
       search_version, created_at, updated_at)
     select ${ticket}, 3, 'Ticket', 5000, 'usd', u.id, 'sold', ${order}, '', '', 1, ${at}, ${at}
     from generate_series($1::int, $2::int) n, (select id from users limit 1) u`,
    consumed(2),
    messages(2),
  ],
  payments: [
    `insert into orders (id, version, status, buyer_id, seller_id, price, currency, payment_id, expires_at, ticket_id)
     select ${order}, 4, 'complete', ${event}, '${seller}', 5000, 'usd', ${payment}, ${at}, ${ticket}
     from generate_series($1::int, $2::int) n`,
    `insert into payments (id, order_id, attempt, version, status, amount, currency, stripe_id, created_at, updated_at)
     select ${payment}, ${order}, 1, 3, 'captured', 5000, 'usd', 'pi_old_' || n, ${at}, ${at}
     from generate_series($1::int, $2::int) n`,
    `insert into ledger (id, kind, order_id, payment_id, seller_id, currency, buyer, seller, platform, provider,
       booked_at)
     select uuidv7(), k.kind, ${order}, ${payment}, '${seller}', 'usd', k.buyer, k.seller, 0, k.provider, ${at}
     from generate_series($1::int, $2::int) n,
       (values ('sale', 5000, -5000, 0), ('capture', -5000, 0, 5000)) k (kind, buyer, seller, provider)`,
    `insert into work (key, kind, subject, data, status, tries, next_try_at, created_at, finished_at)
     select kind || ':old:' || n, kind, ${payment}::text, json_build_object('text', repeat('x', 300)), 'done', 1, ${at},
       ${at}, ${at}
     from generate_series($1::int, $2::int) n, unnest(array['authorize', 'capture', 'webhook', 'webhook-2']) kind`,
    consumed(4),
    messages(3),
  ],
  expiration: [
    `insert into timers (order_id, version, due_at, status, changed_at)
     select ${order}, 1, ${at}, 'dropped', ${at} from generate_series($1::int, $2::int) n`,
    consumed(3),
  ],
})

/** Puts them in. All sales are of one seller. */
export async function fillTables(stack: BenchStack, count: number, seller: string): Promise<void> {
  for (const [service, list] of Object.entries(statements(seller))) {
    const sql = stack.sql(service)
    for (const statement of list)
      for (let from = 1; from <= count; from += atOnce)
        await sql.unsafe(statement, [from, Math.min(count, from + atOnce - 1), count])
    const tables = await sql<{ name: string }[]>`
      select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`
    for (const { name } of tables) await sql.unsafe(`vacuum (analyze) "${name}"`)
  }
}
