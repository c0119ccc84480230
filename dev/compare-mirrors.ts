// Compares the services' copies of each other's things with those things themselves. Reads in pages by id, so that
// it also ends on a large marketplace.

import type { ServiceName } from '@aisle/contracts/endpoint'
import type postgres from 'postgres'

type Row = Record<string, unknown> & { id: string }
type Mirror = { of: string; source: ServiceName; in: ServiceName; sourceQuery: string; mirrorQuery: string }

// Each query takes the last id seen and a limit, and returns rows of the same columns in the order of ids.
const mirrors: readonly Mirror[] = [
  {
    of: 'ticket',
    source: 'tickets',
    in: 'orders',
    sourceQuery:
      'select id, version, status, seller_id, title, price, currency, seat from tickets where id > $1 order by id limit $2',
    mirrorQuery:
      'select id, version, status, seller_id, title, price, currency, seat from tickets where id > $1 order by id limit $2',
  },
  {
    of: 'order',
    source: 'orders',
    in: 'payments',
    sourceQuery:
      'select id, number, version, status, buyer_id, seller_id, title, price, currency, payment_id, expires_at from orders where id > $1 order by id limit $2',
    mirrorQuery:
      'select id, number, version, status, buyer_id, seller_id, title, price, currency, payment_id, expires_at from orders where id > $1 order by id limit $2',
  },
  {
    of: 'user',
    source: 'auth',
    in: 'tickets',
    // Other services receive this name for a user without one (services/auth/user.ts); one who was erased has none.
    // No versions: a new phone or password raises only auth's.
    sourceQuery:
      "select id, case when erased_at is null then coalesce(name, 'Aisle member') else '' end as name, erased_at is not null as erased, banned_at is not null as banned, email_confirmed_at is not null as confirmed from users where id > $1 order by id limit $2",
    mirrorQuery:
      'select id, name, erased, banned, coalesce(confirmed, false) as confirmed from users where id > $1 order by id limit $2',
  },
  {
    of: 'user',
    source: 'auth',
    in: 'orders',
    sourceQuery:
      'select id, erased_at is not null as erased, banned_at is not null as banned, email_confirmed_at is not null as confirmed from users where id > $1 order by id limit $2',
    mirrorQuery:
      'select id, erased, banned, coalesce(confirmed, false) as confirmed from users where id > $1 order by id limit $2',
  },
]

const pageSize = 1_000
const firstId = '00000000-0000-0000-0000-000000000000'

/**
 * One sentence for each difference between a mirror and its source, for things whose ids are greater than `after`.
 */
export async function compareMirrors(
  sql: (service: ServiceName) => postgres.Sql,
  after: string = firstId,
): Promise<string[]> {
  const differences: string[] = []
  for (const mirror of mirrors) {
    const source = pages(sql(mirror.source), mirror.sourceQuery, after)
    const copy = pages(sql(mirror.in), mirror.mirrorQuery, after)
    let [left, right] = [await source.next(), await copy.next()]
    while (!left.done || !right.done) {
      const [a, b] = [left.value, right.value]
      if (!b || (a && a.id < b.id)) {
        differences.push(`${mirror.in} does not know ${mirror.of} ${a!.id} of ${mirror.source}`)
        left = await source.next()
      } else if (!a || b.id < a.id) {
        differences.push(`${mirror.in} knows ${mirror.of} ${b.id}, which ${mirror.source} does not have`)
        right = await copy.next()
      } else {
        for (const column of Object.keys(a)) {
          const [is, seen] = [JSON.stringify(a[column]), JSON.stringify(b[column])]
          if (is !== seen)
            differences.push(`${mirror.of} ${a.id}: ${column} is ${is} in ${mirror.source} and ${seen} in ${mirror.in}`)
        }
        ;[left, right] = [await source.next(), await copy.next()]
      }
    }
  }
  return differences
}

async function* pages(sql: postgres.Sql, query: string, after: string): AsyncGenerator<Row, undefined> {
  let last = after
  for (;;) {
    const rows = await sql.unsafe<Row[]>(query, [last, pageSize])
    yield* rows
    if (rows.length < pageSize) return undefined
    last = rows.at(-1)!.id
  }
}
