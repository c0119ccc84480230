// (a) POST /api/orders on distinct tickets over 64 connections: session, Idempotency-Key, checks, order,
// message, remembered response. Reference: pgbench running the same statements in the same transaction on the
// same server, alternating with ours.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilHeld } from './drain.ts'
import type { BenchStack } from './stack.ts'
import { median, ms, perSecond, type Row, spread } from './table.ts'
import { figuresOf, type Load, latePart, pgbench, wrk } from './wrk.ts'

const connections = 64
const rounds = 3
const seconds = 5
const ticketsARound = 40_000
/** Fewer than a buyer may hold unpaid, since each thread of the load begins with the first buyer. */
const ticketsABuyer = 4

// pgbench takes a colon for its variables, in a text too. So JSON is a text of the same size, and `awaiting:payment`
// has its colon as a character.
const awaiting = "'awaiting' || chr(58) || 'payment'"
const script = `
\\set n random(1, 100000)
begin;
select pg_try_advisory_xact_lock(:n), k.* from (values (1)) one
  left join idempotency_keys k on k.scope = 'nobody' and k.key = 'none';
select pg_advisory_xact_lock(:n);
select t.version, t.status, t.seller_id, t.title, t.price, t.currency, t.event, t.seat, o.id, o.status, o.expires_at,
  (select count(*) from orders u where u.buyer_id = t.id and u.status in ('created', ${awaiting})),
  (select count(*) from orders h where h.buyer_id = t.id and h.event ->> 'id' = t.event ->> 'id'
    and h.status in ('created', ${awaiting}, 'paying', 'complete'))
  from tickets t left join orders o on o.ticket_id = t.id and o.status <> 'cancelled'
  where t.id = ('01910000-0000-7000-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid;
insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency, event,
    seat, expires_at, created_at, updated_at)
  values (uuidv7(), 1, 'created', uuidv7(), uuidv7(), uuidv7(), 1, 'Ticket', 5000, 'usd', null, null, now(), now(), now())
  on conflict (ticket_id) where status <> 'cancelled' do nothing;
insert into idempotency_keys (scope, key, fingerprint, status, answer, created_at)
  values (uuidv7()::text, uuidv7()::text, decode(repeat('00', 32), 'hex'), 201, to_json(repeat('x', 470)), now());
insert into outbox (message) select m::json from unnest(array[to_json(repeat('x', 800))::text]) m;
commit;
`

export async function reserve(stack: BenchStack): Promise<Row[]> {
  await using reservations = await openReservations(stack)
  const loads: Load[] = []
  const reference: number[] = []
  for (let round = 0; round < rounds; round++) {
    reference.push(await reservations.reference())
    loads.push(await reservations.round())
  }
  const rates = loads.map(({ perSecond }) => perSecond)
  return [
    {
      name: '(a) POST /api/orders, 64 connections',
      ours: `${spread(rates, perSecond)}, p99 ${ms(median(loads.map(({ p99Ms }) => p99Ms)))}${latePart(loads)}`,
      reference: `pgbench, same writes: ${spread(reference, perSecond)}`,
      ratio: (median(rates) / median(reference)).toFixed(2),
      aim: '0.5, at least 0.4',
      figures: { ...figuresOf(loads), pgbenchPerSecond: reference },
    },
  ]
}

/** A crowd that reserves tickets of a stack. */
export async function openReservations(stack: BenchStack) {
  const folder = await mkdtemp(join(tmpdir(), 'aisle-bench-load-'))
  const same = join(folder, 'same.sql')
  await writeFile(same, script)
  return {
    /** Transactions of pgbench a second. */
    reference: () => pgbench(stack.databases.orders!, same, { clients: connections, seconds }),
    async round(): Promise<Load> {
      const [ids, cookies] = ['tickets', 'cookies'].map((what) => join(folder, `${what}-${crypto.randomUUID()}`))
      await writeFile(cookies!, (await stack.buyers(ticketsARound / ticketsABuyer)).join('\n'))
      await writeFile(ids!, (await stack.tickets(ticketsARound)).join('\n'))
      const load = await wrk(`${stack.addresses.orders}/api/orders`, {
        connections,
        seconds,
        script: 'reserve.lua',
        args: [ids!, cookies!],
      })
      if (load.refused > 0) throw new Error(`${load.refused} reservations were refused.`)
      // What follows is not to share the machine with what this round has left to do.
      await untilHeld(stack)
      return load
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
