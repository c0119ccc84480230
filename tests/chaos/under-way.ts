// Describes the work under way, to find out why something takes long: its kind, how much, which worker has it,
// when it is retried.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { services } from '@aisle/dev/stack'
import { openWork } from '../histories/quiet.ts'
import type { Readable } from '../invariants.ts'

/** Seconds from now by the database's clock: of the first and of the last. */
type Span = { first: number; last: number }
type Orders = Span & { status: string; count: number }
type Calls = Span & { op: string; tries: number; holder: 'living' | 'dead' | null; count: number }
type Aside = Span & { type: string | null; publisher: string; tries: number; error: string; count: number }

/**
 * What must end before all is quiet: messages, calls to the provider, webhooks, orders that are neither paid
 * nor cancelled. Empty if there is nothing.
 */
export async function underWay(world: Readable): Promise<string[]> {
  const [{ open }, orders] = await Promise.all([openWork(world, '0'), liveOrders(world)])
  return [
    ...open,
    ...orders.map(
      ({ status, count, ...ends }) => `${count} orders are ${status}, their windows end ${inSeconds(ends)}`,
    ),
  ]
}

/** The details: which calls and messages, and when they are retried. */
export async function inDetail(world: Readable): Promise<string[]> {
  const aside = await Promise.all(services.map(({ name }) => setAside(world, name)))
  return [...(await calls(world)), ...aside.flat()]
}

function liveOrders(world: Readable): Promise<Orders[]> {
  return world.sql('orders')<Orders[]>`
    select status, count(*)::int as count,
      extract(epoch from min(expires_at) - clock_timestamp())::float8 as first,
      extract(epoch from max(expires_at) - clock_timestamp())::float8 as last
    from orders where status in ('created', 'awaiting:payment', 'paying') group by status`
}

async function calls(world: Readable): Promise<string[]> {
  const found = await world.sql('payments')<Calls[]>`
    with open as (
      select concat_ws(' ', kind, data ->> 'type') as op, tries, next_try_at, taken_by from work where status = 'pending')
    select op, tries, count(*)::int as count,
      case when taken_by is null then null
        when taken_by = any ((select present_workers())::int[]) then 'living' else 'dead' end as holder,
      extract(epoch from min(next_try_at) - clock_timestamp())::float8 as first,
      extract(epoch from max(next_try_at) - clock_timestamp())::float8 as last
    from open group by 1, 2, 4`
  return found.map(({ op, tries, holder, count, ...next }) => {
    const by = holder ? `taken by a ${holder} worker until` : 'next try'
    return `${count} x ${op}, tried ${tries} times, ${by} ${inSeconds(next)}`
  })
}

async function setAside(world: Readable, service: ServiceName): Promise<string[]> {
  const found = await world.sql(service)<Aside[]>`
    select message ->> 'type' as type, publisher, tries, min(error) as error, count(*)::int as count,
      extract(epoch from min(next_try_at) - clock_timestamp())::float8 as first,
      extract(epoch from max(next_try_at) - clock_timestamp())::float8 as last
    from parked_messages where state = 'retrying' group by 1, 2, 3`
  return found.map(
    ({ type, publisher, tries, error, count, ...next }) =>
      `${service}: ${count} x ${type} of ${publisher} set aside, tried ${tries} times, next try ${inSeconds(next)}: ${error}`,
  )
}

const inSeconds = ({ first, last }: Span) =>
  last - first < 1 ? `in ${last.toFixed(1)} s` : `in ${first.toFixed(1)} to ${last.toFixed(1)} s`
