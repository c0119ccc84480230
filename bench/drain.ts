// When a stack has nothing left to do for its sales, and what it has written so far.

import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchStack } from './stack.ts'

const patienceMs = 120_000
const everyMs = 20

/** Facts about sales that are not over, by the service whose database tells. */
const unfinished = {
  payments: "select from work where status = 'pending' limit 1",
  expiration: "select from timers where status = 'set' limit 1",
  tickets: "select from tickets where status = 'reserved' limit 1",
}

/**
 * Resolves when every webhook of the sales so far is delivered and worked off, and every service has heard of their
 * end.
 * @throws when that takes longer than two minutes
 */
export async function drain(stack: BenchStack): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await isDrained(stack))) {
    if (performance.now() > deadline)
      throw new Error(`The stack was still busy ${patienceMs / 1000} s after the last sale.`)
    await sleep(everyMs)
  }
}

async function isDrained(stack: BenchStack): Promise<boolean> {
  const answer = await fetch(`${stack.addresses.sandbox}/_sandbox/webhooks/settle`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ withinMs: 1_000 }),
  })
  if (!((await answer.json()) as { settled: boolean }).settled) return false
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
