// (b) 1,000 buyers for one ticket at once: one 201, 999 x 409. Reference: the same 1,000 requests to /livez,
// which accesses nothing.

import { type BenchStack, createClient } from './stack.ts'
import { median, ms, type Row } from './table.ts'

const buyers = 1_000
const rounds = 5

export async function race(stack: BenchStack): Promise<Row> {
  const cookies = await stack.buyers(buyers)
  const tickets = await stack.tickets(rounds)
  const client = createClient(stack.addresses.orders!, buyers)
  const ours: number[] = []
  const reference: number[] = []
  for (let round = 0; round < rounds; round++) {
    const [ticketId] = tickets.splice(0, 1)
    reference.push(
      (await timed(() => Promise.all(cookies.map((cookie) => client.send('GET', '/livez', cookie))))).tookMs,
    )
    const { tookMs, result } = await timed(() =>
      Promise.all(cookies.map((cookie) => client.send('POST', '/api/orders', cookie, { ticketId }))),
    )
    const won = result.filter(({ status }) => status === 201).length
    const told = result.filter(({ status }) => status === 409).length
    if (won !== 1 || told !== buyers - 1) throw new Error(`${won} won and ${told} were told that it is taken.`)
    ours.push(tookMs)
  }
  client.close()
  return {
    name: '(b) 1,000 buyers for one ticket',
    ours: `one 201, 999 x 409, all in ${ms(median(ours))}`,
    reference: `1,000 x GET /livez: ${ms(median(reference))}`,
    ratio: `${(median(ours) / median(reference)).toFixed(1)} x as long`,
    aim: 'under 500 ms',
    figures: { oursMs: ours, referenceMs: reference },
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ tookMs: number; result: T }> {
  const begun = performance.now()
  const result = await work()
  return { tookMs: performance.now() - begun, result }
}
