// (m) What a sale costs when the tables are full, compared with a marketplace without old rows in the same run, in
// turns: 100,000 orders with everything that they leave, and 1,000,000 messages in the outboxes. With GROWTH_ORDERS
// there are as many as it says; 1,000,000 orders take about a quarter of an hour and 25 GB. Also: what must not grow
// either, a seller's balance and the metrics.

import { setTimeout as sleep } from 'node:timers/promises'
import { fillTables } from './growth-rows.ts'
import { cpuSeconds, processTree } from './processes.ts'
import { sell } from './sales.ts'
import { type BenchStack, createClient, startBenchStack } from './stack.ts'
import { median, ms, type Row } from './table.ts'

const orders = Number(process.env.GROWTH_ORDERS ?? 100_000)
const rounds = 6
const roundMs = 4_000
const buyers = 8
/** The server's counters of a connection are up to a second late. */
const countersMs = 1_500

type Market = { stack: BenchStack; round(): Promise<Cost>; seller: string }
type Cost = { cpuMs: number; blocks: number; balanceMs: number; metricsMs: number }

export async function growth(): Promise<Row[]> {
  await using empty = await startBenchStack()
  await using full = await startBenchStack()
  const markets = [await open(empty), await open(full)] as const
  // Every listener has a position before rows are put behind it.
  for (const market of markets) await market.round()
  const begun = performance.now()
  await fillTables(full, orders, markets[1].seller)
  console.error(`filled in ${Math.round((performance.now() - begun) / 1000)} s`)
  const costs = markets.map((): Cost[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [index, market] of markets.entries()) costs[index]!.push(await market.round())
  const row = (name: string, key: keyof Cost, show: (value: number) => string, aim: string): Row => {
    const [without, withRows] = costs.map((list) => median(list.map((cost) => cost[key]))) as [number, number]
    return {
      name: `(m) ${orders.toLocaleString('en')} orders in the tables: ${name}`,
      ours: show(withRows),
      reference: `no old rows: ${show(without)}`,
      ratio: (withRows / without).toFixed(2),
      aim,
    }
  }
  return [
    row('processor time of a sale', 'cpuMs', ms, 'at most 1.1'),
    row('pages that a sale reads', 'blocks', (value) => String(Math.round(value)), 'at most 1.1'),
    row("its seller's balance", 'balanceMs', ms, '-'),
    row('the metrics of orders', 'metricsMs', ms, '-'),
  ]
}

async function open(stack: BenchStack): Promise<Market> {
  const cookies = await stack.buyers(buyers + 1)
  const sellerCookie = cookies.pop()!
  const seller = JSON.parse(Buffer.from(sellerCookie.split('.')[1]!, 'base64url').toString()) as { sub: string }
  const client = createClient(stack.url, buyers)
  const blocks = async () => {
    await sleep(countersMs)
    const [row] = await stack.sql('orders')<{ blocks: number }[]>`
      select sum(blks_hit + blks_read)::float8 as blocks from pg_stat_database`
    return row!.blocks
  }
  const took = async (work: () => Promise<unknown>) => {
    const begun = performance.now()
    await work()
    return performance.now() - begun
  }
  return {
    stack,
    seller: seller.sub,
    async round() {
      const tickets = await stack.tickets(2_000)
      const before = { cpu: cpuSeconds(processTree(stack.pid)), blocks: await blocks() }
      const until = performance.now() + roundMs
      let sold = 0
      await Promise.all(
        cookies.map(async (cookie) => {
          while (performance.now() < until) {
            await sell(client, cookie, tickets.pop()!)
            sold++
          }
        }),
      )
      const after = { cpu: cpuSeconds(processTree(stack.pid)), blocks: await blocks() }
      return {
        cpuMs: ((after.cpu - before.cpu) / sold) * 1000,
        blocks: (after.blocks - before.blocks) / sold,
        balanceMs: await took(() => client.send('GET', '/api/payments/balance', sellerCookie)),
        metricsMs: await took(() => fetch(`${stack.addresses.orders}/metrics`).then((response) => response.text())),
      }
    },
  }
}
