// People who sell and buy while things break. Like our own pages in a browser, they repeat requests with the
// same key until there is a response, and record what they were promised.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Order, Payment, Ticket, User } from '@aisle/contracts/entities'
import { newId } from '@aisle/kit/time/ids'
import { Client, type Reply } from '../client.ts'
import type { Random } from '../histories/random.ts'
import { payOnPage } from '../hosted-page.ts'
import type { Readable } from '../invariants.ts'

const patienceMs = 90_000
const againAfterMs = 200
/** A call that hangs is given up after this and repeated. */
const callPatienceMs = 15_000

export type Shopping = {
  readonly sold: number
  /** Calls made, and those that had to be repeated. */
  readonly calls: { made: number; again: number }
  /** The reasons, a sentence each. */
  readonly reasons: readonly string[]
  /** Responses that must never occur. */
  readonly wrong: readonly string[]
  /** Lets everyone finish their current sale. */
  stop(): Promise<void>
  /**
   * A database has just been restored to its state at `since`, of performance.now(): sales in progress from
   * then on may be lost.
   */
  loses(since: number): void
  /** The tickets in progress at that time, and their orders. */
  lost(world: Readable): Promise<Lost>
  /** Promises that are not kept: a sentence each. What may be lost was not promised. */
  brokenPromises(world: Readable): Promise<string[]>
}

/** What may be missing, or known only to some services, because a database was restored to an earlier state. */
export type Lost = { readonly tickets: readonly string[]; readonly orders: readonly string[] }
/** When a ticket was in progress, in milliseconds of performance.now(). */
type Sale = { began: number; ended: number }

type Told = {
  tickets: Set<string>
  /** The ticket of each order. */
  orders: Map<string, string>
  cancelled: Set<string>
  /** The ticket of each order reported as complete. */
  sold: Map<string, string>
}

/**
 * `count` groups of a seller and two rivals for each of their tickets. `payAt` maps the URL of the provider's
 * page that a buyer is given to one that is reachable from here: a host name that only browsers resolve leads
 * nowhere.
 */
export function startShopping(
  url: string,
  count: number,
  randomOf: (nth: number) => Random,
  payAt: (pageUrl: string) => string = (pageUrl) => pageUrl,
): Shopping {
  const told: Told = { tickets: new Set(), orders: new Map(), cancelled: new Set(), sold: new Map() }
  const sales = new Map<string, Sale>()
  const losses: { from: number; to: number }[] = []
  const mayBeLost = (ticketId: string) => {
    const sale = sales.get(ticketId)
    return sale !== undefined && losses.some(({ from, to }) => sale.began <= to && sale.ended >= from)
  }
  const calls = { made: 0, again: 0 }
  const wrong: string[] = []
  const reasons: string[] = []
  let open = true
  const groups = Array.from({ length: count }, (_, nth) => shop(randomOf(nth)))

  /** Repeats the request until there is a real response. */
  async function ask<T>(client: Client, method: string, path: string, body?: unknown): Promise<Reply<T>> {
    const headers = method === 'GET' ? {} : { 'idempotency-key': newId() }
    const deadline = performance.now() + patienceMs
    calls.made++
    for (;;) {
      const reply = await Promise.race([
        client.send<T>(method, path, body, headers).catch((error: Error) => error),
        sleep(callPatienceMs).then(() => new Error('no answer')),
      ])
      if (!(reply instanceof Error) && reply.status < 500) return reply
      if (reply instanceof Error && reply.message.includes('contract')) throw reply
      if (performance.now() > deadline)
        throw new Error(
          `${method} ${path} had no answer for ${patienceMs / 1000} s, at last ${reply instanceof Error ? reply.message : reply.status}`,
        )
      calls.again++
      const answer = reply instanceof Error ? `${reply.message} ${reply.cause ?? ''}` : JSON.stringify(reply.body)
      reasons.push(`${method} ${path}: ${answer}`)
      await sleep(againAfterMs)
    }
  }

  async function person(): Promise<Client> {
    const client = new Client(url, () => (status) => status >= 500)
    const { status, body } = await ask<User>(client, 'POST', '/api/users/signup', {
      email: `${newId()}@aisle.test`,
      password: 'a good password',
    })
    if (status !== 201) throw new Error(`Signing up was answered with ${status}: ${JSON.stringify(body)}`)
    return client
  }

  async function shop(random: Random): Promise<void> {
    try {
      const [seller, ...buyers] = [await person(), await person(), await person()]
      while (open) await sale(random, seller, buyers)
    } catch (error) {
      wrong.push(String(error))
    }
  }

  async function sale(random: Random, seller: Client, buyers: Client[]): Promise<void> {
    const began = performance.now()
    const ticket = await ask<Ticket>(seller, 'POST', '/api/tickets', { title: 'Stalls', price: 4500, currency: 'usd' })
    if (ticket.status !== 201) return void wrong.push(`Listing was answered with ${ticket.status}`)
    const { id: ticketId } = ticket.body
    told.tickets.add(ticketId)
    const inHand: Sale = { began, ended: Number.POSITIVE_INFINITY }
    sales.set(ticketId, inHand)
    try {
      await sell(random, ticketId, seller, buyers)
    } catch (error) {
      if (!mayBeLost(ticketId)) throw error
    } finally {
      inHand.ended = performance.now()
    }
  }

  async function sell(random: Random, ticketId: string, seller: Client, buyers: Client[]): Promise<void> {
    const replies = await Promise.all(buyers.map((buyer) => reserve(buyer, ticketId)))
    // Both, if the first one's time ran out while the other was still asking.
    for (const { status, body } of replies) if (status === 201) told.orders.set(body.id, ticketId)
    const last = replies.findLastIndex(({ status }) => status === 201)
    const [buyer, order] = [buyers[last], replies[last]?.body]
    if (!buyer || !order) return
    const fate = random.weighted({ token: 5, page: 3, declined: 1, cancel: 1, leave: 1 })
    if (fate === 'leave') return
    if (fate === 'cancel') {
      const { status } = await ask(buyer, 'DELETE', `/api/orders/${order.id}`)
      if (status === 204) told.cancelled.add(order.id)
      return
    }
    const waiting = await orderAs(buyer, order.id, ({ status }) => status !== 'created')
    if (waiting.status !== 'awaiting:payment') return
    const token = fate === 'token' ? { token: 'tok_visa' } : fate === 'declined' ? { token: 'tok_chargeDeclined' } : {}
    const payment = await ask<Payment>(buyer, 'POST', '/api/payments', { orderId: order.id, ...token })
    if (fate === 'page' && payment.body.url) await payOnPage(payAt(payment.body.url)).catch(() => {})
    if (payment.status !== 201 || fate === 'declined') return
    const { status } = await orderAs(buyer, order.id, ({ status }) => status === 'complete' || status === 'cancelled')
    if (status === 'complete') {
      if ([...told.sold.values()].includes(ticketId)) wrong.push(`The ticket ${ticketId} was sold twice`)
      told.sold.set(order.id, ticketId)
    }
    if (status === 'complete' && random.chance(0.15))
      await ask(seller, 'POST', `/api/payments/${payment.body.id}/refunds`, {})
  }

  /** Orders may receive a ticket late while things are broken. */
  async function reserve(buyer: Client, ticketId: string): Promise<Reply<Order>> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const reply = await ask<Order>(buyer, 'POST', '/api/orders', { ticketId })
      if (reply.status !== 404 || performance.now() > deadline || mayBeLost(ticketId)) return reply
      await sleep(againAfterMs)
    }
  }

  async function orderAs(buyer: Client, id: string, done: (order: Order) => boolean): Promise<Order> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const { body, status } = await ask<Order>(buyer, 'GET', `/api/orders/${id}`)
      if (status !== 200) throw new Error(`The order ${id} was answered with ${status}`)
      if (done(body) || performance.now() > deadline) return body
      await sleep(againAfterMs)
    }
  }

  return {
    get sold() {
      return told.sold.size
    },
    calls,
    reasons,
    wrong,
    async stop() {
      open = false
      await Promise.all(groups)
    },
    loses(since) {
      losses.push({ from: since, to: performance.now() })
    },
    async lost({ sql }) {
      const tickets = [...sales.keys()].filter(mayBeLost)
      const known = await Promise.all(
        (['orders', 'payments'] as const).map(
          (service) => sql(service)<{ id: string }[]>`select id from orders where ticket_id = any(${tickets}::uuid[])`,
        ),
      )
      const ofOrders = [...told.orders].filter(([, ticketId]) => mayBeLost(ticketId)).map(([id]) => id)
      return { tickets, orders: [...new Set([...ofOrders, ...known.flat().map(({ id }) => id)])] }
    },
    async brokenPromises({ sql }) {
      const mayBeLostOrder = (id: string) => mayBeLost(told.orders.get(id) ?? '')
      const missing = async (service: 'tickets' | 'orders', ids: Iterable<string>, statuses?: string[]) => {
        const found = await sql(service)<{ id: string }[]>`
          select id from ${sql(service)(service)} where id = any(${[...ids]}::uuid[])
            and (${statuses === undefined} or status = any(${statuses ?? []}))`
        const known = new Set(found.map(({ id }) => id))
        return [...ids].filter((id) => !known.has(id) && !mayBeLost(id) && !mayBeLostOrder(id))
      }
      return [
        ...(await missing('tickets', told.tickets)).map((id) => `ticket ${id} was listed and is gone`),
        ...(await missing('orders', told.orders.keys())).map((id) => `order ${id} was made and is gone`),
        ...(await missing('orders', told.cancelled, ['cancelled'])).map(
          (id) => `order ${id} is not cancelled any more`,
        ),
        ...(await missing('orders', told.sold.keys(), ['complete', 'refunded'])).map(
          (id) => `order ${id} is not complete any more`,
        ),
      ]
    },
  }
}
