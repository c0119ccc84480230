// The end of a history: nothing breaks any more, time passes, and all unfinished work completes.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Books, Part } from '../invariants.ts'
import { worldServices } from '../world.ts'
import type { Plan } from './plan.ts'
import { openWork } from './quiet.ts'
import type { Theatre } from './theatre.ts'

/** Two minutes, in growing steps, because pending work is retried with growing backoff. */
const stepsMs = [1_000, 1_000, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 20_000, 22_000, 24_000]
const patienceMs = 10_000
/** A poll queries every database. */
const lookEveryMs = 8

/** The provider works, every service lives, and the held webhooks arrive now or never. */
export async function calmDown(theatre: Theatre, { ending, seed }: Plan): Promise<void> {
  await theatre.sandbox('DELETE', '/_sandbox/faults')
  await Promise.all(worldServices.map((service) => theatre.restart(service)))
  if (ending.webhooks === 'drop') {
    await theatre.sandbox('POST', '/_sandbox/webhooks', { mode: 'drop' })
    await theatre.sandbox('POST', '/_sandbox/webhooks/drop', { status: 'held' })
    await theatre.sandbox('POST', '/_sandbox/webhooks/drop', { status: 'pending' })
  } else {
    await theatre.sandbox('POST', '/_sandbox/webhooks', { mode: 'deliver' })
    const { inOrder: order, times } = ending
    await theatre.sandbox('POST', '/_sandbox/webhooks/deliver', { order, seed, times, concurrent: true })
  }
}

/** Resolves once nothing more can happen without time passing, or to what is still open after too long a wait. */
export async function untilQuiet(theatre: Theatre, sinceXid: string): Promise<string[]> {
  const deadline = performance.now() + patienceMs
  let before = ''
  for (;;) {
    const { open, print } = await openWork(theatre, sinceXid)
    if (open.length === 0 && print === before) return []
    if (performance.now() > deadline) return open.length > 0 ? open : ['something goes on without an end']
    before = print
    await sleep(lookEveryMs)
  }
}

/** Lets at most two minutes pass until all is done; returns what is not, and whose money is still held. */
export async function nothingHeld(theatre: Theatre, part: Part, isDone: () => boolean): Promise<string[]> {
  for (const ms of stepsMs) {
    await theatre.advance(ms)
    await theatre.rest()
    const open = await quietMessages(theatre, part.sinceXid)
    if (open.length === 0 && isDone() && (await held(theatre, part)).length === 0) return []
  }
  const { open } = await openWork(theatre, part.sinceXid)
  return [
    ...open.map((what) => `after two minutes of calm there are still ${what}`),
    ...(await held(theatre, part)).map((what) => `after two minutes of calm ${what}`),
  ]
}

/** Like `untilQuiet`, but calls waiting for their next attempt need time to pass: resolves to those. */
async function quietMessages(theatre: Theatre, sinceXid: string): Promise<string[]> {
  let before = ''
  for (const deadline = performance.now() + patienceMs; ; ) {
    const { open, print } = await openWork(theatre, sinceXid)
    if (print === before && open.every((what) => what.includes('calls to the provider'))) return open
    if (performance.now() > deadline) throw new Error(`Nothing comes of it: ${open.join('; ')}`)
    before = print
    await sleep(lookEveryMs)
  }
}

/**
 * Authorisations at the provider that are neither captured nor voided. An order with an authorised payment does
 * not wait for anything.
 */
async function held(theatre: Theatre, { tickets }: Part): Promise<string[]> {
  const [orders, { intents }] = await Promise.all([
    theatre.sql('orders')<{ id: string; status: string }[]>`
      select id, status from orders where ticket_id = any(${tickets}::uuid[])`,
    theatre.sandbox<Books>('GET', '/_sandbox/state'),
  ])
  const statusOf = new Map(orders.map(({ id, status }) => [id, status]))
  return intents
    .filter(({ status, metadata }) => status === 'requires_capture' && statusOf.has(metadata.order_id ?? ''))
    .map(({ id, metadata }) => {
      const order = metadata.order_id ?? ''
      return `the provider still holds ${id} for order ${order}, which is ${statusOf.get(order)}`
    })
}

/** Passes the windows of all waiting orders, and the time a refund takes. */
export async function passTime(theatre: Theatre, { tickets, sinceXid }: Part): Promise<void> {
  const [row] = await theatre.sql('orders')<{ last: Date | null }[]>`
    select max(expires_at) as last from orders where ticket_id = any(${tickets}::uuid[])
      and status in ('created', 'awaiting:payment')`
  const windowMs = (row?.last?.getTime() ?? 0) + 1_000 - theatre.now().getTime()
  for (const ms of [windowMs, 6_000, 11_000, 31_000]) {
    if (ms <= 0) continue
    await theatre.advance(ms)
    await theatre.rest()
    await quietMessages(theatre, sinceXid)
  }
}
