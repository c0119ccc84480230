// (j) The marketplace as several processes over NATS: reservations with one and with two processes of orders,
// and whole sales. Reference: one process.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer, noNatsServer } from '@aisle/dev/nats'
import { untilHeld } from './drain.ts'
import { salesOf } from './sales.ts'
import { type BenchStack, startBenchStack } from './stack.ts'
import { median, ms, perSecond, type Row } from './table.ts'
import { type Load, latePart, wrk } from './wrk.ts'

const connections = 64
const rounds = 3
const seconds = 4
const ticketsARound = 20_000
/** Fewer than a buyer may hold unpaid, since each thread of the load begins with the first buyer. */
const ticketsABuyer = 4

export async function several(): Promise<Row[]> {
  if (!findNatsServer()) throw new Error(noNatsServer)
  // One after the other: a stack is not done with its sales before its tickets are sold or free again.
  return [
    await onSeveral(reservations),
    ...(await onSeveral((stack) => salesOf(stack, '(j) whole sales, two of each, over NATS'))),
  ]
}

async function onSeveral<T>(run: (stack: BenchStack) => Promise<T>): Promise<T> {
  await using stack = await startBenchStack({ program: 'dev/distributed.ts' })
  return await run(stack)
}

async function reservations(stack: BenchStack): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'aisle-bench-load-'))
  const origins = [stack.addresses['orders-1']!, stack.addresses['orders-2']!]
  try {
    const list = async () => {
      const lists = ['tickets', 'cookies'].map((what) => join(folder, `${what}-${crypto.randomUUID()}`))
      await writeFile(lists[0]!, (await stack.tickets(ticketsARound)).join('\n'))
      await writeFile(lists[1]!, (await stack.buyers(ticketsARound / ticketsABuyer)).join('\n'))
      return lists
    }
    const reserve = async (origin: string, args: string[], share: number): Promise<Load> => {
      const load = await wrk(`${origin}/api/orders`, {
        connections: connections / share,
        seconds,
        script: 'reserve.lua',
        args,
      })
      if (load.refused > 0) throw new Error(`${load.refused} reservations were refused.`)
      return load
    }
    const [one, two]: [number[], number[]] = [[], []]
    const p99: number[] = []
    const loads: Load[] = []
    for (let round = 0; round < rounds; round++) {
      one.push((await reserve(origins[0]!, await list(), 1)).perSecond)
      await untilHeld(stack)
      const lists = [await list(), await list()]
      const both = await Promise.all(origins.map((origin, index) => reserve(origin, lists[index]!, origins.length)))
      loads.push(...both)
      two.push(both.reduce((sum, { perSecond }) => sum + perSecond, 0))
      p99.push(Math.max(...both.map(({ p99Ms }) => p99Ms)))
      await untilHeld(stack)
    }
    return {
      name: '(j) POST /api/orders, two processes of orders',
      ours: `${perSecond(median(two))}, p99 ${ms(median(p99))}${latePart(loads)}`,
      reference: `one process of them: ${perSecond(median(one))}`,
      ratio: `${(median(two) / median(one)).toFixed(2)} x one process`,
      aim: 'more than one, where there are cores for both',
      figures: { twoPerSecond: two, onePerSecond: one, p99Ms: p99 },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
