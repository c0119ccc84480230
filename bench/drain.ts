// Waits until a stack has finished all work, and counts its writing transactions.

import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchStack, sellerId } from './stack.ts'

const patienceMs = 120_000
const everyMs = 50

/** A query that finds something unfinished, by the service whose database it is for. */
type Unfinished = Readonly<Record<string, string>>

const sales: Unfinished = {
  payments: "select from work where status = 'pending' limit 1",
  expiration: "select from timers where status = 'set' limit 1",
  tickets: "select from tickets where status = 'reserved' limit 1",
}
// Only those of our own sellers: pgbench's have tickets that do not exist.
const reservations: Unfinished = {
  orders: `select from orders where status = 'created' and seller_id = '${sellerId}' limit 1`,
  payments: "select from orders where status = 'created' limit 1",
}

/**
 * Resolves when every webhook of the sales so far is delivered and worked off, and every service has heard of their
 * end.
 * @throws when that takes longer than two minutes
 */
export const drain = (stack: BenchStack): Promise<void> =>
  until(async () => (await isDelivered(stack)) && (await isFinished(stack, sales)))

/**
 * Resolves when every reservation so far is held, and payments knows.
 * @throws when that takes longer than two minutes
 */
export const untilHeld = (stack: BenchStack): Promise<void> => until(() => isFinished(stack, reservations))

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await isDone())) {
    if (performance.now() > deadline)
      throw new Error(`The stack was still busy ${patienceMs / 1000} s after the last request.`)
    await sleep(everyMs)
  }
}

async function isDelivered(stack: BenchStack): Promise<boolean> {
  const answer = await fetch(`${stack.addresses.sandbox}/_sandbox/webhooks/settle`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ withinMs: 1_000 }),
  })
  return ((await answer.json()) as { settled: boolean }).settled
}

async function isFinished(stack: BenchStack, unfinished: Unfinished): Promise<boolean> {
  for (const [service, query] of Object.entries(unfinished))
    if ((await stack.sql(service).unsafe(query)).length > 0) return false
  return true
}

/** How many transactions have written to the stack's servers so far, polls that write included. */
export async function transactionsSoFar(stack: BenchStack): Promise<number> {
  // Services may share a server, whose number is the same in each database.
  const servers = new Map(Object.entries(stack.databases).map(([service, url]) => [new URL(url).host, service]))
  let sum = 0
  for (const service of servers.values()) {
    const [row] = await stack.sql(service)<{ next: number }[]>`
      select pg_snapshot_xmax(pg_current_snapshot())::text::float8 as next`
    sum += row!.next
  }
  return sum
}
