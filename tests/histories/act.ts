// Carries out one step as the person or the fault it represents, and describes the result in a few words.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Problem } from '@aisle/contracts/endpoint'
import type { Order, Payment, Refund, Ticket } from '@aisle/contracts/entities'
import type { Reply } from '../client.ts'
import { answer3ds, cards, type Page, payOnPage } from '../hosted-page.ts'
import { changeOfPerson, type People } from './people.ts'
import type { Action, Plan, Step } from './plan.ts'
import type { Member, Theatre } from './theatre.ts'

/** An order as the buyer and this history know it. */
export type Sale = {
  ticket: Ticket
  seller: Member
  buyer: Member
  /** Null if it was refused. */
  order: Promise<Order | null>
  /** Resolves when the last request to pay is answered; later steps wait for it. */
  asked: Promise<unknown>
  pageUrl: string | null
  challengeUrl: string | null
  /**
   * Responses of the services, to be checked at the end: every response about a payment. The last one is the
   * buyer's.
   */
  payments: Payment[]
  cancelled: boolean
  refunds: Map<string, number>
}

export type Scene = {
  theatre: Theatre
  plan: Plan
  tickets: Ticket[]
  /** Ids of all tickets, including those listed along the way. */
  listed: string[]
  sales: Sale[]
  /** Every ticket as returned to its seller after a change. */
  edits: Ticket[]
  /** Tickets whose withdrawal was confirmed to their seller. */
  withdrawn: Set<string>
  people: People
}

/** Carries a step out; resolves to the result. @throws when a response breaks its contract */
export async function act(scene: Scene, step: Step): Promise<string> {
  const { theatre, tickets, sales, plan } = scene
  switch (step.do) {
    case 'reserve':
      return reserve(scene, step)
    case 'list-seat': {
      const { title, price, currency, event, seat } = tickets[step.ticket]!
      const body = { title, price, currency, eventId: event!.id, seat }
      const reply = await send<Ticket>(theatre.members[step.seller]!, step, 'POST', '/api/tickets', body)
      if (reply.status === 201) scene.listed.push(reply.body.id)
      return said(reply, ({ id }) => `ticket ${id}`)
    }
    case 'edit-price':
    case 'withdraw': {
      const { id } = tickets[step.ticket]!
      const seller = theatre.members[plan.tickets[step.ticket]!.seller]!
      const path = `/api/tickets/${id}`
      if (step.do === 'withdraw') {
        const reply = await send(seller, step, 'DELETE', path)
        if (reply.status === 204) scene.withdrawn.add(id)
        return said(reply)
      }
      const reply = await send<Ticket>(seller, step, 'PATCH', path, { price: step.price })
      if (reply.status === 200) scene.edits.push(reply.body)
      return said(reply)
    }
    case 'sign-out':
    case 'ban':
    case 'unban':
      return changeOfPerson(theatre, scene.people, step)
    case 'let-time-pass':
      await theatre.advance(step.ms)
      return theatre.now().toISOString().slice(11, 23)
    case 'go-to-end-of-window': {
      const found = await saleOf(sales, step.order)
      if (!found) return 'no order'
      const ms = new Date(found.order.expiresAt).getTime() + step.offsetMs - theatre.now().getTime()
      if (ms <= 0) return 'is past'
      await theatre.advance(ms)
      return theatre.now().toISOString().slice(11, 23)
    }
    case 'deliver-webhooks': {
      const events = await heldWebhooks(theatre, step.every)
      if (events.length === 0) return 'none held'
      const { inOrder: order, times, concurrent } = step
      const body = { events, order, seed: plan.seed, times, concurrent }
      const { delivered } = await theatre.sandbox<{ delivered: { status: number | null }[] }>(
        'POST',
        '/_sandbox/webhooks/deliver',
        body,
      )
      return `${events.length} held, answered ${delivered.map(({ status }) => status ?? 'nothing').join(' ')}`
    }
    case 'drop-webhooks': {
      const events = await heldWebhooks(theatre, step.every)
      if (events.length > 0) await theatre.sandbox('POST', '/_sandbox/webhooks/drop', { events })
      return `${events.length} lost`
    }
    case 'break-provider':
      await theatre.sandbox('POST', '/_sandbox/faults', step.fault)
      return 'broken'
    case 'mend-provider':
      await theatre.sandbox('DELETE', '/_sandbox/faults')
      return 'mended'
    case 'crash':
      await theatre.crash(step.service, step.which)
      return 'dead'
    case 'restart':
      await theatre.restart(step.service)
      return 'lives'
    default: {
      const found = await saleOf(sales, step.order)
      return found ? trade(found.sale, found.order, step) : 'no order'
    }
  }
}

/** A plan counts the orders that it expects; a refused order is replaced by the last one that was granted. */
async function saleOf(sales: readonly Sale[], index: number): Promise<{ sale: Sale; order: Order } | null> {
  const granted: { sale: Sale; order: Order }[] = []
  for (const sale of sales) {
    const order = await sale.order
    if (order) granted.push({ sale, order })
  }
  return granted[index] ?? granted.at(-1) ?? null
}

async function reserve(
  { theatre, tickets, sales, plan }: Scene,
  step: Extract<Step, { do: 'reserve' }>,
): Promise<string> {
  const ticket = tickets[step.ticket]!
  const buyer = theatre.members[step.buyer]!
  const seen = step.sees ? { price: ticket.price, currency: ticket.currency } : {}
  const asked = send<Order>(buyer, step, 'POST', '/api/orders', { ticketId: ticket.id, ...seen })
  sales.push({
    ticket,
    buyer,
    seller: theatre.members[plan.tickets[step.ticket]!.seller]!,
    order: asked.then(
      ({ status, body }) => (status === 201 ? body : null),
      () => null,
    ),
    asked: Promise.resolve(),
    payments: [],
    pageUrl: null,
    challengeUrl: null,
    cancelled: false,
    refunds: new Map(),
  })
  const { status, body } = await asked
  if (step.sees && status === 201 && body.ticket.price !== ticket.price)
    throw new Error(`The order ${body.id} is of ${body.ticket.price}, and its buyer saw ${ticket.price}.`)
  return said(await asked, ({ id }) => `order ${sales.length - 1} is ${id}`)
}

/** In real time: a response may have to wait for the calm. */
const patienceMs = 1_000

/** What buyers and sellers do with an order. */
type Trade = Exclude<Extract<Action, { order: number }>, { do: 'go-to-end-of-window' }>

async function trade(sale: Sale, order: Order, step: Trade & Pick<Step, 'twice'>): Promise<string> {
  const { buyer, seller } = sale
  const payments = '/api/payments'
  if (step.do !== 'open-page' && step.do !== 'pay-by-token' && step.do !== 'cancel')
    await Promise.race([sale.asked, sleep(patienceMs)])
  switch (step.do) {
    case 'open-page':
    case 'pay-by-token': {
      const token = step.do === 'pay-by-token' ? { token: step.token } : {}
      const asking = send<Payment>(buyer, step, 'POST', payments, { orderId: order.id, ...token })
      sale.asked = Promise.allSettled([sale.asked, asking])
      const reply = await asking
      if (reply.status === 201) {
        sale.payments.push(reply.body)
        sale.pageUrl = reply.body.url ?? sale.pageUrl
      }
      return said(reply, ({ id, status, url }) => `payment ${id} ${status}${url ? ', a page' : ''}`)
    }
    case 'submit-card': {
      const { pageUrl } = sale
      if (!pageUrl) return 'no page'
      const visit = onPage(() => payOnPage(pageUrl, cards[step.card]))
      sale.asked = Promise.allSettled([sale.asked, visit])
      const page = await visit
      if (page?.location?.includes('/c/3ds/')) sale.challengeUrl = page.location
      return saidPage(page)
    }
    case 'answer-3ds': {
      const { challengeUrl } = sale
      if (!challengeUrl) return 'not asked'
      return saidPage(await onPage(() => answer3ds(challengeUrl, step.result)))
    }
    case 'come-back': {
      const payment = sale.payments.at(-1)
      if (!payment) return 'no payment'
      const reply = await send<Payment>(buyer, step, 'POST', `${payments}/${payment.id}/refresh`)
      if (reply.status === 200) sale.payments.push(reply.body)
      return said(
        reply,
        ({ status, amountRefunded }) => `${status}${amountRefunded > 0 ? `, ${amountRefunded} back` : ''}`,
      )
    }
    case 'cancel': {
      const reply = await send(buyer, step, 'DELETE', `/api/orders/${order.id}`)
      if (reply.status === 204) sale.cancelled = true
      return said(reply)
    }
    case 'refund': {
      const payment = sale.payments.at(-1)
      if (!payment) return 'no payment'
      const amount = Math.ceil((sale.ticket.price * step.part) / 100)
      const body = step.part === 0 ? {} : { amount }
      const ask = () => send<Refund>(seller, step, 'POST', `${payments}/${payment.id}/refunds`, body)
      let reply = await ask()
      if (reply.status === 403 && (await prove(seller))) reply = await ask()
      if (reply.status === 201) sale.refunds.set(reply.body.id, reply.body.amount)
      return said(reply, (refund) => `${refund.amount} ${refund.status}`)
    }
    default:
      return step satisfies never
  }
}

/** Sends a request. A double click is the same request twice; the second response counts. */
async function send<T>(
  who: Member,
  { twice }: Pick<Step, 'twice'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply<T>> {
  if (!twice) return who.send<T>(method, path, body)
  const headers = { 'idempotency-key': crypto.randomUUID() }
  const replies = await Promise.all([
    who.send<T>(method, path, body, headers),
    who.send<T>(method, path, body, headers),
  ])
  const good = replies.filter(({ status }) => status < 300)
  const [one, other] = good.map((reply) => (reply.body as { id?: string } | undefined)?.id)
  if (good.length === 2 && one !== other)
    throw new Error(`${method} ${path} did two things for one Idempotency-Key: ${one} and ${other}`)
  return good[0] ?? replies[0]!
}

/** A seller whose clock was moved since they signed in confirms that it is they. */
const prove = async (who: Member): Promise<boolean> =>
  (await who.send('POST', '/api/users/me/proof', { password: 'a good password' })).status === 204

/** The connection to the provider's page may break. */
const onPage = (visit: () => Promise<Page>): Promise<Page | null> =>
  visit().catch((error: unknown) => {
    if (error instanceof TypeError) return null
    throw error
  })

const saidPage = (page: Page | null): string =>
  page === null
    ? 'the connection broke'
    : `${page.status}${page.location ? ` to ${page.location.replace(/^.*\/(c|orders)\//, '/$1/')}` : ''}`

const said = <T>({ status, body }: Reply<T>, describe?: (body: T) => string): string =>
  status < 300
    ? `${status}${describe ? ` ${describe(body)}` : ''}`
    : `${status} ${(body as Problem | undefined)?.code ?? ''}`

/** Every nth held webhook. */
async function heldWebhooks(theatre: Theatre, every: number): Promise<string[]> {
  const { deliveries } = await theatre.sandbox<{ deliveries: { event: string }[] }>(
    'GET',
    '/_sandbox/webhooks?status=held',
  )
  return deliveries.map(({ event }) => event).filter((_, index) => index % every === 0)
}
