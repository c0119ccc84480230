// (f) Whole sales: reserve, pay through the sandbox, wait until it is complete. 32 buyers, each making one sale after
// another; a round ends when everything that its sales caused is done, late webhooks included. References, in turns
// with it: one buyer alone, whose latency is the minimum for all others, and pgbench writing the rows of a sale, once
// in as many transactions as ours and once in the fewest.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Order } from '@aisle/contracts/entities'
import { newId } from '@aisle/kit/time/ids'
import { drain, transactionsSoFar } from './drain.ts'
import { type Used, usedBy } from './processes.ts'
import { openSaleRows, type SaleRows } from './sale-rows.ts'
import { type BenchStack, createClient } from './stack.ts'
import { median, ms, percentile, perSecond, type Row, spread } from './table.ts'

const buyers = 32
const rounds = 3
const roundMs = 5_000
const salesAlone = 20
const ticketsARound = 10_000
// Asking more often would measure the asking.
const askEveryMs = 50
/** Who waits longer has been let down. */
const patienceMs = 10_000

type Client = ReturnType<typeof createClient>

/** What one round of the crowd was like. */
export type Round = {
  latencies: number[]
  /** Sales a second until the last was complete, and until nothing was left to do. */
  rate: number
  drainedRate: number
  /** Milliseconds of processor time a sale, the drain included. */
  msASale: Used & { load: number }
  /** Transactions that wrote, a sale. */
  transactions: number
}

export async function sales(stack: BenchStack): Promise<Row[]> {
  await using rows = await openSaleRows(stack, buyers)
  return await salesOf(stack, '(f) whole sales, 32 buyers', rows)
}

/** `limit` is pgbench on the same server, where there is one server. */
export async function salesOf(stack: BenchStack, name: string, limit?: SaleRows): Promise<Row[]> {
  const crowd = await openCrowd(stack)
  const alone: number[][] = []
  const ours: Round[] = []
  const same: number[] = []
  const fewest: number[] = []
  for (let round = 0; round < rounds; round++) {
    alone.push(await crowd.oneAlone())
    ours.push(await crowd.round())
    if (!limit) continue
    same.push(await limit.perSecond(Math.round(ours.at(-1)!.transactions)))
    fewest.push(await limit.perSecond(limit.fewest))
  }
  crowd.close()
  const letter = name.slice(0, 3)
  const rates = ours.map(({ drainedRate }) => drainedRate)
  const latencies = ours.flatMap((round) => round.latencies)
  const of = (key: keyof Round['msASale']) => ours.map(({ msASale }) => msASale[key])
  const own = ours.map(({ msASale: { node, servers } }) => node + servers)
  const aloneP50 = alone.map(median)
  const slow = latencies.filter((latency) => latency > patienceMs).length
  return [
    {
      name,
      ours: [
        spread(rates, perSecond),
        `${perSecond(median(ours.map(({ rate }) => rate)))} before the drain`,
        ...(slow > 0 ? [`${slow} over ${patienceMs / 1000} s`] : []),
      ].join(', '),
      ...(limit ? besideLimit() : besideOne()),
      figures: {
        salesPerSecond: rates,
        salesPerSecondBeforeDrain: ours.map(({ rate }) => rate),
        transactionsASale: ours.map(({ transactions }) => transactions),
        slow,
        ...(limit ? { pgbenchPerSecond: same, pgbenchFewestPerSecond: fewest } : {}),
      },
    },
    {
      name: `${letter} one buyer alone`,
      ours: `p50 ${spread(aloneP50, ms)}`,
      reference: `each of ${buyers}: p50 ${ms(percentile(latencies, 0.5))}, p99 ${ms(percentile(latencies, 0.99))}`,
      ratio: `${(percentile(latencies, 0.5) / median(aloneP50)).toFixed(1)} x as long`,
      aim: 'under 40 ms alone',
      figures: { p50Ms: aloneP50, crowdP50Ms: ours.map((round) => percentile(round.latencies, 0.5)) },
    },
    {
      name: `${letter} processor time of a sale`,
      ours: `${spread(own, ms)}: node ${ms(median(of('node')))}, servers ${ms(median(of('servers')))}`,
      reference: `not ours: sandbox ${ms(median(of('sandbox')))}, load ${ms(median(of('load')))}`,
      ratio: `${((100 * median(own)) / median(ours.map(({ msASale }) => sum(msASale)))).toFixed(0)} % is ours`,
      aim: 'at most 7.3 ms',
      figures: { nodeMs: of('node'), serversMs: of('servers'), sandboxMs: of('sandbox'), loadMs: of('load') },
    },
  ]

  function besideLimit() {
    const transactions = Math.round(median(ours.map((round) => round.transactions)))
    return {
      reference: [
        `pgbench, a sale's rows: ${spread(same, perSecond)} in ${transactions} transactions`,
        `${spread(fewest, perSecond)} in ${limit!.fewest}`,
      ].join(', '),
      ratio: [same, fewest].map((reference) => (median(rates) / median(reference)).toFixed(2)).join(' and '),
      aim: '0.4, in the end 0.6; 200/s, in the end 600/s',
    }
  }

  function besideOne() {
    return {
      reference: `one buyer alone: ${perSecond(1000 / median(aloneP50))}`,
      ratio: `${((median(rates) / 1000) * median(aloneP50)).toFixed(1)} x one buyer`,
      aim: '200/s, in the end 600/s',
    }
  }
}

const sum = ({ node, sandbox, servers, load }: Round['msASale']) => node + sandbox + servers + load

export type Crowd = Awaited<ReturnType<typeof openCrowd>>

/** The buyers of a stack. */
export async function openCrowd(stack: BenchStack) {
  const cookies = await stack.buyers(buyers)
  const client = createClient(stack.url, buyers)
  const canWait = await canWaitForOrders(client, cookies[0]!)
  const oneAlone = async () => {
    const tickets = await stack.tickets(salesAlone)
    const latencies: number[] = []
    for (const ticket of tickets) latencies.push(await sell(client, cookies[0]!, ticket, canWait))
    await drain(stack)
    return latencies
  }
  async function round(): Promise<Round> {
    const tickets = await stack.tickets(ticketsARound)
    const latencies: number[] = []
    const before = { used: usedBy(stack.pid), load: process.cpuUsage(), transactions: await transactionsSoFar(stack) }
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    await Promise.all(
      cookies.map(async (cookie) => {
        while (performance.now() - begun < roundMs) latencies.push(await sell(client, cookie, tickets.pop()!, canWait))
      }),
    )
    const sold = latencies.length
    const rate = sold / seconds()
    await drain(stack)
    const drainedRate = sold / seconds()
    const transactions = (await transactionsSoFar(stack)) - before.transactions
    const { user, system } = process.cpuUsage(before.load)
    const used = usedBy(stack.pid)
    const each = (key: keyof Used) => ((used[key] - before.used[key]) / sold) * 1000
    return {
      latencies,
      rate,
      drainedRate,
      msASale: {
        node: each('node'),
        sandbox: each('sandbox'),
        servers: each('servers'),
        load: (user + system) / sold / 1000,
      },
      transactions: transactions / sold,
    }
  }
  return { oneAlone, round, close: () => client.close() }
}

/**
 * Makes one sale; resolves to the milliseconds it took. A stack of another commit may not be able to wait for an order
 * to move: it is asked again and again.
 */
export async function sell(client: Client, cookie: string, ticketId: string, canWait = true): Promise<number> {
  const begun = performance.now()
  const order = await client.send('POST', '/api/orders', cookie, { ticketId })
  if (order.status !== 201) throw new Error(`Reserving answered ${order.status} ${order.body}`)
  let { id, version, status } = JSON.parse(order.body) as Order
  // The service itself waits for its mirror of the order, so a buyer need not check first whether the ticket is
  // held.
  let payment = await pay(client, cookie, id)
  // Under load the ticket may not be held yet after the second that the service waits.
  while (payment.status === 409) {
    await sleep(askEveryMs)
    payment = await pay(client, cookie, id)
  }
  if (payment.status !== 201) throw new Error(`Paying answered ${payment.status} ${payment.body}`)
  for (;;) {
    const seen = await client.send('GET', `/api/orders/${id}${canWait ? `?after=${version}` : ''}`, cookie)
    if (seen.status !== 200) throw new Error(`Reading the order answered ${seen.status} ${seen.body}`)
    ;({ version, status } = JSON.parse(seen.body) as Order)
    if (status === 'complete') return performance.now() - begun
    if (status === 'cancelled') throw new Error(`The order ${id} was cancelled.`)
    if (!canWait) await sleep(askEveryMs)
  }
}

/** Whether the stack answers "nothing like that here" and not "unknown parameter". */
async function canWaitForOrders(client: Client, cookie: string): Promise<boolean> {
  const { status } = await client.send('GET', `/api/orders/${newId()}?after=1`, cookie)
  return status === 404
}

const pay = (client: Client, cookie: string, orderId: string) =>
  client.send('POST', '/api/payments', cookie, { orderId, token: 'tok_visa' })
