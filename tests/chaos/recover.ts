// After the faults: how long until people can buy again, how long until all is quiet, and what is wrong then.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Order, Payment, Ticket } from '@aisle/contracts/entities'
import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { newId } from '@aisle/kit/time/ids'
import { Client } from '../client.ts'
import { type Books, deadLetters, type Part, type Readable, wrongInBooks, wrongInMessages } from '../invariants.ts'
import type { Lost } from './shoppers.ts'
import { inDetail, underWay } from './under-way.ts'

/** A marketplace, however it is run. */
type Stack = Readable & { readonly url: string }

const patienceMs = 120_000
const lookEveryMs = 100
/** After this long, waiting work is reported. */
const tellEveryMs = 5_000

/**
 * Repeats `look` until it resolves to an empty list; resolves to the elapsed milliseconds and what was left at
 * the last poll.
 */
async function untilNothing(look: () => Promise<string[]>): Promise<{ ms: number; left: string[] }> {
  const began = performance.now()
  for (;;) {
    const left = await look().catch((error: unknown) => [String(error)])
    const ms = performance.now() - began
    if (left.length === 0 || ms > patienceMs) return { ms, left }
    await sleep(lookEveryMs)
  }
}

export const recover = {
  /** Resolves when a whole sale succeeds; a failed sale is started again from the beginning. */
  async selling({ url }: Stack): Promise<{ sellingMs: number }> {
    const { ms, left } = await untilNothing(async () => {
      const signal = AbortSignal.timeout(10_000)
      return Promise.race([
        sale(url),
        new Promise<string[]>((resolve) => signal.addEventListener('abort', () => resolve(['a sale took 10 s']))),
      ])
    })
    if (left.length > 0) throw new Error(`Nothing can be bought: ${left.join()}`)
    return { sellingMs: ms }
  },

  /**
   * Resolves when no work is under way: windows have run out, messages are consumed, the provider has answered.
   * `last` is the work under way at the last poll that found any; `tell` receives the same every few seconds.
   */
  async quiet(
    stack: Stack,
    windowSeconds: number,
    tell: (line: string) => void = () => {},
  ): Promise<{ quietMs: number; left: string[]; last: string[] }> {
    const began = performance.now()
    let toldAt = began
    let last: string[] = []
    const { ms, left } = await untilNothing(async () => {
      const open = await underWay(stack)
      if (open.length === 0) return open
      last = [...open, ...(await inDetail(stack))]
      if (performance.now() - toldAt > tellEveryMs) {
        toldAt = performance.now()
        tell(`${((toldAt - began) / 1000).toFixed(1).padStart(6)} s  ${last.join('; ')}`)
      }
      return open
    })
    // Windows that were open are not a fault.
    return { quietMs: Math.max(0, ms - windowSeconds * 1000), left, last }
  },

  /** What is wrong. For what may be `lost`, only what must hold regardless is checked. */
  async wrong(stack: Stack, lost: Lost = { tickets: [], orders: [] }): Promise<string[]> {
    const lostIds = [...lost.tickets, ...lost.orders]
    if (lostIds.length === 0) return wrongInAll(stack)
    const kept = await stack.sql('tickets')<{ id: string }[]>`
      select id from tickets where id <> all(${[...lost.tickets]}::uuid[])`
    const part: Part = { tickets: kept.map(({ id }) => id), sinceXid: '0' }
    const payments = await stack.sql('payments')<{ id: string }[]>`
      select id from payments where order_id = any(${[...lost.orders]}::uuid[])`
    const isLost = (sentence: string) =>
      [...lostIds, ...payments.map(({ id }) => id)].some((id) => sentence.includes(id))
    return [
      ...(await wrongInBooks(stack, part)),
      ...(await wrongInMessages(stack, part)),
      ...(await compareMirrors(stack.sql)).filter((difference) => !isLost(difference)),
      ...(await deadLetters(stack)).filter((message) => !isLost(message)),
      ...(await wrongInLost(stack, lost)),
    ]
  },
}

const wrongInAll = async (stack: Stack): Promise<string[]> => [
  ...(await wrongInBooks(stack)),
  ...(await wrongInMessages(stack)),
  ...(await compareMirrors(stack.sql)),
  ...(await deadLetters(stack)),
]

/** No ticket is sold twice, no money is held for nothing, and no one is left waiting, even among what was lost. */
async function wrongInLost({ sql, sandbox }: Stack, { tickets, orders }: Lost): Promise<string[]> {
  const twice = await sql('orders')<{ ticketId: string }[]>`
    select ticket_id from orders where ticket_id = any(${[...tickets]}::uuid[]) and status <> 'cancelled'
    group by ticket_id having count(*) > 1`
  const unanswered = await sql('orders')<{ id: string }[]>`select id from orders where status = 'created'`
  const { intents, sessions } = await sandbox<Books>('GET', '/_sandbox/state')
  const isOurs = ({ metadata }: { metadata: Record<string, string> }) => orders.includes(metadata.order_id ?? '')
  const held = intents.filter((intent) => isOurs(intent) && intent.status === 'requires_capture')
  const open = sessions.filter((session) => isOurs(session) && session.status === 'open')
  return [
    ...twice.map(({ ticketId }) => `the ticket ${ticketId} has two live orders`),
    ...unanswered.map(({ id }) => `the order ${id} was never answered`),
    ...held.map(({ id }) => `the provider still holds money for the lost ${id}`),
    ...open.map(({ id }) => `the page ${id} of a lost order is open`),
  ]
}

async function sale(url: string): Promise<string[]> {
  const clients = [new Client(url, () => () => true), new Client(url, () => () => true)] as const
  for (const client of clients)
    await client.expect(201, 'POST', '/api/users/signup', {
      email: `${newId()}@aisle.test`,
      password: 'a good password',
    })
  const [seller, buyer] = clients
  const ticket = await seller.expect<Ticket>(201, 'POST', '/api/tickets', { title: 'Stalls', price: 4500 })
  const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
  const current = () => buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)
  while ((await current()).status === 'created') await sleep(lookEveryMs)
  await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
  for (;;) {
    const { status } = await current()
    if (status === 'complete') return []
    if (status === 'cancelled') return ['the order was cancelled']
    await sleep(lookEveryMs)
  }
}
