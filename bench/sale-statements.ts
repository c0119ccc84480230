// The statements that write the rows of one sale, service by service, as our services write them: every row and every
// version of it, with texts of the same size in place of JSON. Left out is what is not durable: counts of calls.
//
// pgbench knows :id, the number of the sale, :ticket, that of a listed ticket, and :client_id. It takes any colon for
// the beginning of a variable, so a status that contains one is put together.

type Statements = Readonly<Record<'orders' | 'tickets' | 'expiration' | 'payments', readonly string[]>>

const uuid = (kind: number, number: string) =>
  `('0191000${kind}-0000-7000-8000-' || lpad(to_hex(${number}::bigint), 12, '0'))::uuid`
const order = uuid(1, ':id')
const payment = uuid(2, ':id')
export const ticket = (number: string) => uuid(3, number)
const awaiting = "'awaiting' || chr(58) || 'payment'"
const json = (bytes: number) => `to_json(repeat('x', ${bytes}))`

const outbox = (service: string, bytes: number) => `insert into ${service}.outbox (message) values (${json(bytes)})`
/** A message counts as consumed, and the listener has read so far. Clients do not wait for each other's positions. */
const consumed = (service: string) => [
  `insert into ${service}.inbox (message_id) values (uuidv7())`,
  `update ${service}.cursors set xid = pg_current_xact_id(), seq = seq + 1, message_id = uuidv7()
    where publisher = :client_id::int::text`,
]
const answered = (service: string, status: string) =>
  `insert into ${service}.idempotency_keys (scope, key, fingerprint, status, answer, created_at)
    values (${order}::text, ${payment}::text, decode(repeat('00', 32), 'hex'), ${status}, now())`

const step = (version: number, status: string) => [
  `insert into orders.order_steps (order_id, version, status, expires_at, at)
    values (${order}, ${version}, ${status}, now(), now())`,
  outbox('orders', 850),
]
const moved = (version: number, status: string, more = '') => [
  `update orders.orders set version = ${version}, status = ${status}, updated_at = now()${more} where id = ${order}`,
  ...step(version, status),
]
const mirrored = (status: string) => [
  `update orders.tickets set version = version + 1, status = '${status}' where id = ${ticket(':ticket')}`,
  ...consumed('orders'),
]
const paymentMirrored = (version: number, status: string) => [
  `update payments.orders set version = ${version}, status = ${status} where id = ${order}`,
  ...consumed('payments'),
]
/** Something to do, and that it is done. */
const work = (kind: string, bytes: number) => [
  `insert into payments.work (key, kind, subject, data, next_try_at, created_at)
    values ('${kind}' || ${order}::text, '${kind}', ${payment}::text, ${json(bytes)}::jsonb, now(), now())`,
  `update payments.work set status = 'done', tries = 1, finished_at = now() where key = '${kind}' || ${order}::text`,
]
/** A webhook that says no more than is known. */
const heard = `
  insert into payments.work (key, kind, subject, data, status, next_try_at, created_at, finished_at)
    values ('webhook' || ${order}::text, 'webhook', ${payment}::text, ${json(190)}::jsonb, 'done', now(), now(),
      now())`
const paid = (version: number, status: string) => [
  `update payments.payments set version = ${version}, status = '${status}', stripe_id = ${order}::text,
    updated_at = now() where id = ${payment}`,
  outbox('payments', 560),
]

export const saleStatements: Statements = {
  orders: [
    `insert into orders.orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price,
      currency, expires_at, created_at, updated_at)
      values (${order}, 1, 'created', uuidv7(), uuidv7(), uuidv7(), 1, 'Ticket', 5000, 'usd', now(), now(), now())`,
    ...step(1, "'created'"),
    answered('orders', `201, ${json(470)}`),
    ...moved(2, awaiting),
    ...mirrored('reserved'),
    ...moved(3, "'paying'", `, payment_id = ${payment}`),
    ...consumed('orders'),
    ...moved(4, "'complete'"),
    ...consumed('orders'),
    ...mirrored('sold'),
  ],
  tickets: ['reserved', 'sold'].flatMap((status) => [
    `update tickets.tickets set version = version + 1, status = '${status}', order_id = ${order}, updated_at = now()
      where id = ${ticket(':ticket')}`,
    outbox('tickets', 700),
    ...consumed('tickets'),
  ]),
  expiration: [
    `insert into expiration.timers (order_id, version, due_at, status, changed_at)
      values (${order}, 1, now() + interval '1 day', 'set', now())`,
    ...consumed('expiration'),
    `update expiration.timers set version = 2, status = 'dropped', changed_at = now() where order_id = ${order}`,
    ...consumed('expiration'),
  ],
  payments: [
    `insert into payments.orders (id, version, status, buyer_id, seller_id, price, currency, expires_at, title,
      ticket_id)
      values (${order}, 1, 'created', uuidv7(), uuidv7(), 5000, 'usd', now(), 'Ticket', uuidv7())`,
    ...consumed('payments'),
    ...paymentMirrored(2, awaiting),
    answered('payments', 'null, null'),
    `insert into payments.payments (id, order_id, attempt, version, status, amount, currency, created_at, updated_at)
      values (${payment}, ${order}, 1, 1, 'created', 5000, 'usd', now(), now())`,
    ...work('authorize', 430),
    ...paid(2, 'authorized'),
    `update payments.idempotency_keys set status = 201, answer = ${json(470)}
      where scope = ${order}::text and key = ${payment}::text`,
    heard,
    ...paymentMirrored(3, "'paying'"),
    ...work('capture', 60),
    ...paid(3, 'captured'),
    `insert into payments.ledger (id, kind, order_id, payment_id, seller_id, currency, buyer, seller, provider,
      booked_at)
      select uuidv7(), kind, ${order}, ${payment}, uuidv7(), 'usd', buyer, -seller, provider, now()
      from (values ('sale', 5000, 5000, 0), ('capture', -5000, 0, 5000)) entry (kind, buyer, seller, provider)`,
    ...paymentMirrored(4, "'complete'"),
  ],
}

/**
 * The statements as `count` transactions, in their order. None goes over two services, so there are at least as many as
 * services; the services with most statements have most of the transactions.
 */
export function inTransactions(services: Readonly<Record<string, readonly string[]>>, count: number): string[][] {
  const parts = Object.values(services).map((statements) => ({ statements, transactions: 1 }))
  for (let left = count - parts.length; left > 0; left--) {
    const longest = parts
      .filter(({ statements, transactions }) => transactions < statements.length)
      .sort((a, b) => b.statements.length / b.transactions - a.statements.length / a.transactions)[0]
    if (!longest) break
    longest.transactions++
  }
  return parts.flatMap(({ statements, transactions }) =>
    Array.from({ length: transactions }, (_, nth) =>
      statements.slice(
        Math.floor((nth * statements.length) / transactions),
        Math.floor(((nth + 1) * statements.length) / transactions),
      ),
    ),
  )
}

/** A pgbench script of these transactions. Each is sent in one piece, and the next when it has committed. */
export const scriptOf = (transactions: readonly (readonly string[])[]): string =>
  transactions
    .map((statements) =>
      ['\\startpipeline', ...['begin', ...statements, 'commit'].map((one) => `${one};`), '\\endpipeline'].join('\n'),
    )
    .join('\n')
