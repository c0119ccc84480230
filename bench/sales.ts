// (f) Whole sales: reserve, pay through the sandbox, wait until it is complete. 32 buyers, each making one sale
// after another. Reference: the same sale by one buyer alone, whose latency is the minimum for all others.

import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, isNode, processTree } from './processes.ts'
import { type BenchStack, createClient } from './stack.ts'
import { median, ms, percentile, perSecond, type Row } from './table.ts'

const buyers = 32
const rounds = 3
const roundMs = 5_000
// Polling more often would measure the polling.
const pollEveryMs = 50

export const sales = (stack: BenchStack): Promise<Row> => salesOf(stack, '(f) whole sales, 32 buyers')

export async function salesOf(stack: BenchStack, name: string): Promise<Row> {
  const cookies = await stack.buyers(buyers)
  const tickets = await stack.tickets(rounds * 10_000)
  const client = createClient(stack.url, buyers)
  const rates: number[] = []
  const latencies: number[] = []
  const alone: number[] = []
  const used = () => {
    const tree = processTree(stack.pid)
    return {
      node: cpuSeconds(tree.filter(isNode)),
      servers: cpuSeconds(tree.filter((pid) => !isNode(pid))),
    }
  }
  // Its connections stay open for the whole measurement, so no server process exits and takes its CPU time
  // along.
  const before = used()
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 20; i++) alone.push(await sell(client, cookies[0]!, tickets.pop()!))
    const begun = performance.now()
    let sold = 0
    await Promise.all(
      cookies.map(async (cookie) => {
        while (performance.now() - begun < roundMs) {
          latencies.push(await sell(client, cookie, tickets.pop()!))
          sold++
        }
      }),
    )
    rates.push((sold / (performance.now() - begun)) * 1000)
  }
  client.close()
  const after = used()
  const made = latencies.length + alone.length
  const each = (key: 'node' | 'servers') => (((after[key] - before[key]) / made) * 1000).toFixed(1)
  const rate = median(rates)
  return {
    name,
    ours: `${perSecond(rate)}, p50 ${ms(percentile(latencies, 0.5))}, p99 ${ms(percentile(latencies, 0.99))}`,
    reference: `one buyer alone: p50 ${ms(median(alone))}; processor time a sale: node ${each('node')} ms, servers ${each('servers')} ms`,
    ratio: `${(rate / (1000 / median(alone))).toFixed(1)} x one buyer`,
    aim: '200/s, in the end 600/s',
  }
}

/** Makes one sale; resolves to the milliseconds it took. */
export async function sell(client: ReturnType<typeof createClient>, cookie: string, ticketId: string): Promise<number> {
  const begun = performance.now()
  const order = await client.send('POST', '/api/orders', cookie, { ticketId })
  if (order.status !== 201) throw new Error(`Reserving answered ${order.status} ${order.body}`)
  const { id } = JSON.parse(order.body) as { id: string }
  // The service itself waits for its mirror of the order, so a buyer need not check first whether the ticket is
  // held.
  let payment = await pay(client, cookie, id)
  // Under load the ticket may not be held yet after the second that the service waits.
  while (payment.status === 409) {
    await sleep(pollEveryMs)
    payment = await pay(client, cookie, id)
  }
  if (payment.status !== 201) throw new Error(`Paying answered ${payment.status} ${payment.body}`)
  for (;;) {
    const seen = await client.send('GET', `/api/orders/${id}`, cookie)
    const { status } = JSON.parse(seen.body) as { status: string }
    if (status === 'complete') return performance.now() - begun
    if (status === 'cancelled') throw new Error(`The order ${id} was cancelled.`)
    await sleep(pollEveryMs)
  }
}

const pay = (client: ReturnType<typeof createClient>, cookie: string, orderId: string) =>
  client.send('POST', '/api/payments', cookie, { orderId, token: 'tok_visa' })
