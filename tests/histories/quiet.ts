// Whether anything can still happen without time passing: a message to be consumed or retried, a call to the
// provider, an unprocessed webhook.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { services } from '@aisle/dev/stack'
import { heardBy } from '@aisle/kit/boot/hears'
import type { Readable } from '../invariants.ts'

type State = {
  cursors: Record<string, { xid: string; seq: string }>
  retrying: number
  said: { xid: string; seq: string; type: string }[]
}

const listeners = services.map((service) => ({ name: service.name, ...heardBy(service) }))

/** The open work, in words, and a fingerprint of all progress: if two are equal, nothing happened in between. */
export async function openWork(world: Readable, sinceXid: string): Promise<{ open: string[]; print: string }> {
  const states = new Map(
    await Promise.all(listeners.map(async ({ name }) => [name, await stateOf(world, name, sinceXid)] as const)),
  )
  const [own] = await world.sql('payments')<{ calls: number; events: number }[]>`
    select count(*) filter (where kind <> 'webhook')::int as calls,
      count(*) filter (where kind = 'webhook' and tries = 0)::int as events from work where status = 'pending'`
  const bans = await Promise.all(
    (['tickets', 'orders'] as const).map((name) => world.sql(name)`select 1 from users where ban_open limit 1`),
  )
  const open: string[] = []
  if (bans.flat().length > 0) open.push('a ban to be carried out')
  if (own?.calls) open.push(`${own.calls} calls to the provider`)
  if (own?.events) open.push(`${own.events} webhooks`)
  for (const { name, types, publishers } of listeners) {
    const { cursors, retrying } = states.get(name)!
    if (retrying > 0) open.push(`${name}: ${retrying} messages to try again`)
    for (const publisher of publishers) {
      const at = cursors[publisher]
      const unread = states
        .get(publisher)!
        .said.filter(({ xid, seq, type }) => types.includes(type) && (!at || isAfter({ xid, seq }, at)))
      if (unread.length > 0) open.push(`${name}: ${unread.length} messages of ${publisher} to read`)
    }
  }
  return { open, print: JSON.stringify([...states.values(), own]) }
}

const isAfter = (a: { xid: string; seq: string }, b: { xid: string; seq: string }): boolean =>
  BigInt(a.xid) > BigInt(b.xid) || (a.xid === b.xid && BigInt(a.seq) > BigInt(b.seq))

async function stateOf(world: Readable, service: ServiceName, sinceXid: string): Promise<State> {
  const [row] = await world.sql(service)<State[]>`
    select
      (select coalesce(json_object_agg(publisher, json_build_object('xid', xid::text, 'seq', seq::text)), '{}')
        from cursors) as cursors,
      (select count(*)::int from parked_messages where state = 'retrying') as retrying,
      (select
          coalesce(json_agg(json_build_object('xid', xid::text, 'seq', seq::text, 'type', message ->> 'type')), '[]')
        from outbox where xid >= ${sinceXid}::text::xid8) as said`
  return row!
}
