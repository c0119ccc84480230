// The invariants of every world once it is quiet, whatever happened in it. Each function returns one sentence
// per violation.

import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { listFailedMessages } from '@aisle/kit/bus/failed-messages'
import { expect } from 'vitest'
import { type World, worldServices } from './world.ts'

type Order = { id: string; version: number; status: string; ticketId: string; price: number; paymentId: string | null }
type Ticket = { id: string; version: number; status: string; orderId: string | null }
type Payment = {
  id: string
  orderId: string
  status: string
  method: string
  amount: number
  fee: number
  amountRefunded: number
  /** Pending refunds, and the fee's part in all refunds. */
  pending: number
  feeBack: number
  /** How many of its refunds have failed. */
  undone: number
}
type Ledger = { orderId: string; buyer: number; seller: number; platform: number; provider: number }
type Balanced = { sellerId: string; currency: string; due: number; sum: number }
type Timer = { orderId: string; status: string }

/** The sandbox's records, as far as they are compared with ours. */
export type Books = {
  intents: { id: string; status: string; amount: number; metadata: Record<string, string> }[]
  charges: { paymentIntent: string; amountCaptured: number; amountRefunded: number }[]
  refunds: { paymentIntent: string; amount: number; status: string }[]
  sessions: { id: string; status: string; metadata: Record<string, string> }[]
}

/** What is read to check a world. */
export type Readable = Pick<World, 'sql' | 'sandbox'> & {
  /** The marketplace's fee, if the whole world has the same one. */
  readonly feeBasisPoints?: number
}

/** A part of a world: what was done to some tickets, since a transaction of the database server. */
export type Part = { tickets: readonly string[]; sinceXid: string }

/** The provider's side of an order: its payment intents, and what was captured and refunded. */
export async function providerSide(world: Readable, orderId: string) {
  const books = await world.sandbox<Books>('GET', '/_sandbox/state')
  return sideOf(books, orderId)
}

function sideOf({ intents, charges }: Books, orderId: string) {
  const ofOrder = intents.filter(({ metadata }) => metadata.order_id === orderId)
  const ids = new Set(ofOrder.map(({ id }) => id))
  const taken = charges.filter(({ paymentIntent }) => ids.has(paymentIntent))
  return {
    intents: ofOrder.map(({ status, amount }) => ({ status, amount })),
    captures: taken.filter(({ amountCaptured }) => amountCaptured > 0).length,
    captured: taken.reduce((sum, { amountCaptured }) => sum + amountCaptured, 0),
    refunded: taken.reduce((sum, { amountRefunded }) => sum + amountRefunded, 0),
  }
}

function partOf({ intents, charges, refunds, sessions }: Books, orderIds: ReadonlySet<string>): Books {
  const of = ({ metadata }: { metadata: Record<string, string> }) => orderIds.has(metadata.order_id ?? '')
  const own = intents.filter(of)
  const ids = new Set(own.map(({ id }) => id))
  const ofOwn = ({ paymentIntent }: { paymentIntent: string }) => ids.has(paymentIntent)
  return { intents: own, charges: charges.filter(ofOwn), refunds: refunds.filter(ofOwn), sessions: sessions.filter(of) }
}

const live = (order: Order) => order.status !== 'cancelled'
const paid = (order: Order) => order.status === 'complete' || order.status === 'refunded'

/** Compares tickets, orders, payments and timers with each other and with the provider's records: of `part`, or all. */
export async function wrongInBooks(world: Readable, part?: Part): Promise<string[]> {
  const wrong: string[] = []
  const everything = part === undefined
  const ticketIds = part?.tickets ?? []
  const orders = await world.sql('orders')<Order[]>`
    select id, version, status, ticket_id, price, payment_id from orders where ${everything}
      or ticket_id = any(${ticketIds}::uuid[])`
  const orderIds = orders.map(({ id }) => id)
  const [tickets, payments, ledger, timers, all] = await Promise.all([
    world.sql('tickets')<Ticket[]>`
      select id, version, status, order_id from tickets where ${everything} or id = any(${ticketIds}::uuid[])`,
    world.sql('payments')<Payment[]>`
      select id, order_id, status, method, amount, fee, amount_refunded,
        coalesce((select sum(amount) from refunds r
          where r.payment_id = p.id and r.status = 'pending'), 0)::int as pending,
        coalesce((select sum(r.fee) from refunds r
          where r.payment_id = p.id and r.status <> 'failed'), 0)::int as fee_back,
        (select count(*)::int from refunds r where r.payment_id = p.id and r.status = 'failed') as undone
      from payments p where ${everything} or order_id = any(${orderIds}::uuid[])`,
    world.sql('payments')<Ledger[]>`
      select order_id, sum(buyer)::int as buyer, sum(seller)::int as seller, sum(platform)::int as platform,
        sum(provider)::int as provider
      from ledger where ${everything} or order_id = any(${orderIds}::uuid[]) group by order_id`,
    world.sql('expiration')<Timer[]>`
      select order_id, status from timers where ${everything} or order_id = any(${orderIds}::uuid[])`,
    world.sandbox<Books>('GET', '/_sandbox/state'),
  ])
  const books = everything ? all : partOf(all, new Set(orderIds))
  const orderOf = new Map(orders.map((order) => [order.id, order]))
  const timerOf = new Map(timers.map((timer) => [timer.orderId, timer]))
  const ordersOf = Map.groupBy(orders.filter(live), ({ ticketId }) => ticketId)
  const ledgerOf = new Map(ledger.map((sums) => [sums.orderId, sums]))
  const paymentsOf = Map.groupBy(payments, ({ orderId }) => orderId)

  for (const ticket of tickets) {
    const holders = ordersOf.get(ticket.id) ?? []
    if (holders.length > 1) wrong.push(`ticket ${ticket.id} has ${holders.length} live orders`)
    const should = holders[0]
      ? paid(holders[0])
        ? 'sold'
        : 'reserved'
      : ticket.status === 'withdrawn'
        ? 'withdrawn'
        : 'listed'
    if (ticket.status !== should || ticket.orderId !== (holders[0]?.id ?? null))
      wrong.push(
        `ticket ${ticket.id} is ${ticket.status} for ${ticket.orderId}, but its order is ${JSON.stringify(holders[0])}`,
      )
  }

  for (const order of orders) {
    const name = `order ${order.id} (${order.status})`
    const own = paymentsOf.get(order.id) ?? []
    const taken = own.filter(({ status }) => status === 'captured' || status === 'refunded')
    if (taken.length !== (paid(order) ? 1 : 0)) wrong.push(`${name} has ${taken.length} captured payments`)
    if (paid(order) && taken[0]?.id !== order.paymentId)
      wrong.push(`${name} was paid by ${taken[0]?.id}, not by ${order.paymentId}`)
    for (const { id, status, method } of own) {
      // A page may stay open for as long as its order waits to be paid.
      const open = method === 'page' && order.status === 'awaiting:payment'
      if (status === 'created' && !open) wrong.push(`payment ${id} of ${name} is still being authorised`)
      if (status === 'authorized' && order.status !== 'paying')
        wrong.push(`payment ${id} of ${name} is neither captured nor voided`)
    }

    if (order.status === 'paying') wrong.push(`${name} has been accepted and is neither captured nor let go`)

    const provider = sideOf(books, order.id)
    const given = taken.reduce((sum, { amountRefunded }) => sum + amountRefunded, 0)
    if (provider.captured !== (paid(order) ? order.price : 0))
      wrong.push(`the provider took ${provider.captured} for ${name} of ${order.price}`)
    if (provider.captures > 1) wrong.push(`the provider took money ${provider.captures} times for ${name}`)
    if (provider.refunded !== given)
      wrong.push(`the provider gave ${provider.refunded} back for ${name}, we say ${given}`)
    if ((order.status === 'refunded') !== (paid(order) && given === order.price))
      wrong.push(`${name} of ${order.price} had ${given} given back`)
    for (const { status, amount } of provider.intents) {
      if (amount !== order.price) wrong.push(`the provider was asked for ${amount} for ${name} of ${order.price}`)
      if (status === 'requires_capture' && order.status !== 'paying')
        wrong.push(`the provider still holds money for ${name}`)
    }

    const [paidFor] = taken
    if (paidFor) wrong.push(...wrongInFee(paidFor, world.feeBasisPoints).map((what) => `${what} of ${name}`))
    const kept = paidFor ? paidFor.amount - paidFor.amountRefunded - paidFor.pending : 0
    const fee = paidFor ? paidFor.fee - paidFor.feeBack : 0
    const sums = ledgerOf.get(order.id) ?? { buyer: 0, seller: 0, platform: 0, provider: 0 }
    const expected = {
      buyer: 0 - (paidFor?.pending ?? 0),
      seller: fee - kept,
      platform: 0 - fee,
      provider: provider.captured - given,
    }
    for (const account of ['buyer', 'seller', 'platform', 'provider'] as const)
      if (sums[account] !== expected[account])
        wrong.push(`the ledger has ${sums[account]} for the ${account} of ${name}, not ${expected[account]}`)

    const waiting = order.status === 'created' || order.status === 'awaiting:payment'
    const timer = timerOf.get(order.id)?.status
    if (waiting !== (timer === 'set')) wrong.push(`the timer of ${name} is ${timer ?? 'missing'}`)
  }
  for (const { sellerId, currency, due, sum } of await world.sql('payments')<Balanced[]>`
    select seller_id, currency, coalesce(due, 0)::float8 as due, coalesce(sum, 0)::float8 as sum
    from (select seller_id, currency, -sum(seller) as sum from ledger group by 1, 2) l
    full join (
      select seller_id, currency, sum(due) as due
      from (
        select seller_id, currency, due from balances union all select seller_id, currency, due from balance_changes)
      group by 1, 2) b using (seller_id, currency)
    where due is distinct from sum`)
    wrong.push(`the balance of ${sellerId} is ${due} ${currency}, the ledger says ${sum}`)
  for (const { id, status, metadata } of books.sessions)
    if (status === 'open' && orderOf.get(metadata.order_id ?? '')?.status !== 'awaiting:payment')
      wrong.push(`the page ${id} is open for an order that is ${orderOf.get(metadata.order_id ?? '')?.status}`)
  for (const { id, metadata } of books.intents)
    if (!orderOf.has(metadata.order_id ?? '')) wrong.push(`the provider has the payment ${id} of no order of ours`)
  return wrong
}

/**
 * The fee is a share of the price, and is refunded proportionally. Each failed refund may have left a minor
 * unit to a later one.
 */
function wrongInFee(
  { amount, fee, amountRefunded, pending, feeBack, undone }: Payment,
  basisPoints?: number,
): string[] {
  const wrong: string[] = []
  if (basisPoints !== undefined && fee !== Math.floor((amount * basisPoints) / 10_000))
    wrong.push(`the fee of ${fee} is not ${basisPoints / 100} % of ${amount},`)
  const given = amountRefunded + pending
  const due = given === amount ? fee : Math.floor((fee * given) / amount)
  const tolerance = given === amount ? 0 : undone
  if (Math.abs(feeBack - due) > tolerance)
    wrong.push(`with ${given} of ${amount} the fee's part is ${due}, but ${feeBack} has gone back,`)
  return wrong
}

/** A buyer who reserved a ticket has it until the promised end of the window, unless they cancel or cannot have it. */
export async function wrongInWindows(world: Readable, part?: Part): Promise<string[]> {
  const early = await world.sql('orders')<{ orderId: string; at: Date; promised: Date }[]>`
    select s.order_id, s.at, promised from order_steps s
      join orders o on o.id = s.order_id
      cross join lateral (select max(expires_at) as promised from order_steps e
        where e.order_id = s.order_id and e.version < s.version) before
    where (${part === undefined} or o.ticket_id = any(${part?.tickets ?? []}::uuid[]))
      and (s.status = 'cancelled' and s.reason = 'expired' and s.at < promised or s.expires_at < promised)`
  return early.map(
    ({ orderId, at, promised }) =>
      `order ${orderId} was promised a window until ${promised.toISOString()}, and lost it at ${at.toISOString()}`,
  )
}

/**
 * Every change of a ticket, an order or a payment is one message with its version: none missing, none
 * duplicated, the last one equal to the row's.
 */
export async function wrongInMessages(world: Readable, part?: Part): Promise<string[]> {
  const wrong: string[] = []
  const everything = part === undefined
  const ticketIds = part?.tickets ?? []
  const orderIds = everything
    ? []
    : await world.sql('orders')<{ id: string }[]>`select id from orders where ticket_id = any(${ticketIds}::uuid[])`
  for (const [service, first, column, ids] of [
    ['tickets', 1, 'id', ticketIds],
    ['orders', 1, 'ticket_id', ticketIds],
    // A payment that is only planned is not announced.
    ['payments', 2, 'order_id', orderIds.map(({ id }) => id)],
  ] as const) {
    const sql = world.sql(service)
    const said = await sql<{ subject: string; versions: number[] }[]>`
      select subject, array_agg(version order by version) as versions from (
        select distinct message ->> 'id' as id, message ->> 'subject' as subject,
          (message #>> '{data,version}')::int as version
        from outbox where xid >= ${part?.sinceXid ?? '0'}::text::xid8
          and message ->> 'type' not in ('ticket:refused', 'order:unknown') and message ->> 'snapshot' is null) one
      group by subject`
    const versionsOf = new Map(said.map(({ subject, versions }) => [subject, versions]))
    for (const { id, version } of await sql<{ id: string; version: number }[]>`
      select id, version from ${sql(service)} where ${everything} or ${sql(column)} = any(${ids}::uuid[])`) {
      const expected = Array.from({ length: version - first + 1 }, (_, index) => first + index)
      const versions = versionsOf.get(id) ?? []
      if (versions.join() !== expected.join())
        wrong.push(`${id} of ${service} is at version ${version}; its messages have ${versions.join(', ') || 'none'}`)
    }
  }
  wrong.push(...(await wrongInNotices(world, part)))
  return wrong
}

/** Each sale is told once to its buyer and once to its seller, and every notice says what became of its mail. */
async function wrongInNotices(world: Readable, part?: Part): Promise<string[]> {
  const told = world.sql('notices')
  const [beginning] = await told<[{ at: Date }]>`select at from beginning`
  const sales = await world.sql('orders')<{ id: string; buyerId: string; sellerId: string }[]>`
    select distinct message ->> 'subject' as id, message #>> '{data,buyerId}' as buyer_id,
      message #>> '{data,sellerId}' as seller_id
    from outbox where message ->> 'type' = 'order:completed' and message ->> 'snapshot' is null
      and (message ->> 'time')::timestamptz >= ${beginning.at} and xid >= ${part?.sinceXid ?? '0'}::text::xid8`
  const notices = await told<{ orderId: string; kind: string; userId: string }[]>`
    select order_id, kind, user_id from notices where kind in ('bought', 'sold')
      and order_id = any(${sales.map(({ id }) => id)}::uuid[])`
  const gone = new Set((await told<{ userId: string }[]>`select user_id from erased_users`).map(({ userId }) => userId))
  const ofOrder = Map.groupBy(notices, ({ orderId }) => orderId)
  const mute = await told<{ id: string }[]>`
    select id from notices n where not exists (select from deliveries d where d.notice_id = n.id)`
  return [
    ...sales.flatMap(({ id, buyerId, sellerId }) => {
      const said = (ofOrder.get(id) ?? []).map(({ kind, userId }) => `${kind} ${userId}`).toSorted()
      const should = [
        ...(gone.has(buyerId) ? [] : [`bought ${buyerId}`]),
        ...(gone.has(sellerId) ? [] : [`sold ${sellerId}`]),
      ]
      return said.join() === should.join() ? [] : [`order ${id} was told as: ${said.join(', ') || 'nothing'}`]
    }),
    ...mute.map(({ id }) => `notice ${id} does not say what became of its mail`),
  ]
}

/** An erased user sells nothing, has nothing unfinished, and left no row that names them. */
export async function wrongInErasures({ sql }: Pick<World, 'sql'>): Promise<string[]> {
  const users = await sql('auth')<{ id: string }[]>`select id from users where erased_at is not null`
  const ids = users.map(({ id }) => id)
  const left = await Promise.all([
    sql('auth')`select user_id as id, 'a session' as what from sessions where user_id = any(${ids}::uuid[])
      union all select user_id, 'a link' from links where user_id = any(${ids}::uuid[])`,
    sql('tickets')`
      select seller_id as id, 'the ticket ' || id || ', ' || status || ', with words' as what from tickets
      where seller_id = any(${ids}::uuid[])
        and (status in ('listed', 'reserved') or description is not null or takedown_reason is not null)
      union all select id, 'the name ' || name from users where id = any(${ids}::uuid[]) and (not erased or name <> '')`,
    sql('orders')`
      select u as id, 'the order ' || id || ', ' || status as what
      from orders, unnest(array[buyer_id, seller_id]) u
      where u = any(${ids}::uuid[]) and status in ('created', 'awaiting:payment', 'paying')`,
    sql('notices')`
      select user_id as id, 'the notice ' || kind as what from notices
      where user_id = any(${ids}::uuid[]) and kind <> 'erased'`,
  ])
  return (left.flat() as { id: string; what: string }[]).map(
    ({ id, what }) => `the erased user ${id} still has ${what}`,
  )
}

/** Dead letters, except `expected`: the ids of those that the test created. */
export async function deadLetters(world: Readable, expected: readonly string[] = []): Promise<string[]> {
  const parked = await Promise.all(worldServices.map((service) => listFailedMessages(world.sql(service))))
  return parked
    .flat()
    .filter(({ messageId }) => !expected.includes(messageId))
    .map(({ message, error }) => `${message?.type} of ${message?.subject}: ${error}`)
}

type Expected = {
  /** Ids of messages that the test has turned into dead letters. */
  parked?: readonly string[]
  /** A clock was wrong: the windows it produced were shortened. */
  windows?: 'were too long'
}

/** For `afterAll`: waits until the world is quiet, checks all its invariants, and shuts it down. */
export async function closeWorld(world: World, expected: Expected = {}): Promise<void> {
  try {
    await world.settled()
    expect(await wrongInBooks(world)).toEqual([])
    if (!expected.windows) expect(await wrongInWindows(world)).toEqual([])
    expect(await wrongInMessages(world)).toEqual([])
    expect(await compareMirrors(world.sql)).toEqual([])
    expect(await wrongInErasures(world)).toEqual([])
    expect(await deadLetters(world, expected.parked)).toEqual([])
  } finally {
    await world[Symbol.asyncDispose]()
  }
}
