// One ticket: all its details, and the one thing to do. Reserving is a plain form; its hidden key makes a
// double click one order.

import { myOrders, reserveTicket } from '@aisle/contracts/api/orders'
import { showTicket, takeDownTicket, withdrawTicket } from '@aisle/contracts/api/tickets'
import type { Body, Problem } from '@aisle/contracts/endpoint'
import type { Order, Ticket } from '@aisle/contracts/entities'
import type { RefusalCode } from '@aisle/contracts/refusals'
import { Form, Link, redirect } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { currentUserOf } from '../api/current-user.server.ts'
import { takeDraft } from '../api/draft.server.ts'
import { readForm, reject, type Typed } from '../api/forms.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import type { Context } from '../api/visit.server.ts'
import { hasBegun } from '../format/has-begun.ts'
import { isolated, unturned } from '../format/isolate.ts'
import { linkedEvent, linkedOffer } from '../format/linked-data.ts'
import { newest } from '../live/merge-tickets.ts'
import { useOrderOfOtherTab } from '../live/own-orders.ts'
import { useHeardTickets } from '../live/use-live.ts'
import { Submit } from '../parts/button.tsx'
import { Head, usePublicUrl } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { useOwnTime } from '../parts/own-time.tsx'
import { Poster } from '../parts/poster.tsx'
import { Price } from '../parts/price.tsx'
import { Reasoned } from '../parts/reasoned.tsx'
import { type Rejected, Rejection } from '../parts/rejection.tsx'
import { Said } from '../parts/said.tsx'
import { SeatPlace } from '../parts/seat.tsx'
import { SoldBy } from '../parts/sold-by.tsx'
import { Unconfirmed } from '../parts/unconfirmed.tsx'
import { Place, When } from '../parts/when.tsx'
import { useTicketTexts } from '../texts/ticket.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/ticket.ts'

/** The price as the visitor saw it. */
type Seen = Pick<Body<typeof reserveTicket>, 'price' | 'currency'>

/** How often, and at what interval, to retry until a new price has reached orders, too. */
const [hearsTimes, hearsEveryMs] = [10, 100]

export async function loader({ params, context }: Route.LoaderArgs) {
  const user = await currentUserOf(context)
  const isAdmin = user?.role === 'admin'
  const refused = user ? await resumeAfterSignIn(context, params.id) : undefined
  const { body: ticket } = await readApi(context, showTicket, { params })
  const isOwn = user?.id === ticket.seller.id
  return {
    ticket,
    refused,
    ownOrderId: user && ticket.status === 'reserved' ? await heldByMe(context, ticket.id) : null,
    isOwn,
    isEventKept: isOwn && takeSaid(context, 'event-kept')?.about === ticket.id,
    isAdmin,
    isTakenDown: isAdmin && takeSaid(context, 'taken-down')?.about === ticket.id,
    isSignedIn: user !== null,
    email: user?.email ?? '',
    hasBegun: ticket.event !== undefined && hasBegun(ticket.event),
    idempotencyKey: crypto.randomUUID(),
  }
}

/**
 * Reserves for a visitor who pressed "reserve" before signing in: redirects to the order, or resolves to the
 * refusal. What an admin had typed is shown to them again.
 */
async function resumeAfterSignIn(context: Context, ticketId: string): Promise<Rejected | undefined> {
  const values = takeDraft(context)
  if (values?.intent === 'take-down') return { values, code: 'resumed', faults: [] }
  if (values?.intent !== 'reserve') return undefined
  const { problem } = await reserve(context, ticketId, values)
  return { values, code: problem.code, faults: problem.errors }
}

/** Reserves at the price shown on the page. Redirects to the order; resolves to the refusal if there is none. */
async function reserve(context: Context, ticketId: string, { idempotencyKey, price, currency }: Typed) {
  const seen = { ...(price ? { price: Number(price) } : {}), ...(currency ? { currency } : {}) } as Seen
  const ask = (key: string | undefined) =>
    callApi(context, reserveTicket, { body: { ticketId, ...seen }, ...(key ? { idempotencyKey: key } : {}) })
  let reserved = await ask(idempotencyKey)
  // Orders may not have received a price yet that the page already shows. A refusal is stored with its key, so
  // use a new key.
  for (let time = 0; time < hearsTimes && isAbout(reserved, 'price-changed'); time++) {
    if (!(await costs(context, ticketId, seen))) break
    await new Promise((resolve) => setTimeout(resolve, hearsEveryMs))
    reserved = await ask(crypto.randomUUID())
  }
  const orderId = reserved.ok
    ? reserved.body.id
    : reserved.problem.code === 'ticket-taken' && (await heldByMe(context, ticketId))
  if (orderId) throw redirect(`/orders/${orderId}`, 303)
  return reserved as Exclude<typeof reserved, { ok: true }>
}

const isAbout = (answer: { ok: true } | { ok: false; problem: Problem }, code: RefusalCode) =>
  !answer.ok && answer.problem.code === code

async function costs(context: Context, ticketId: string, seen: Seen): Promise<boolean> {
  const { body } = await readApi(context, showTicket, { params: { id: ticketId } })
  return body.price === seen.price && body.currency === seen.currency
}

const isMine = ({ status }: Order) => status !== 'cancelled' && status !== 'refunded'

/** The order by which the visitor has the ticket, or is paying for it. */
async function heldByMe(context: Context, ticketId: string): Promise<string | null> {
  const orders = await callApi(context, myOrders, { query: { limit: 100 } }).catch(() => null)
  return (orders?.ok && orders.body.find((order) => order.ticket.id === ticketId && isMine(order))?.id) || null
}

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  if (typed.intent === 'withdraw') {
    const withdrawn = await callApi(context, withdrawTicket, { params })
    return withdrawn.ok ? redirect('/my-tickets/selling', 303) : reject(context, typed, withdrawn)
  }
  if (typed.intent === 'take-down') {
    const taken = await callApi(context, takeDownTicket, { params, body: { reason: typed.reason ?? '' } })
    if (!taken.ok) return reject(context, typed, taken)
    sayNext(context, 'taken-down', { about: params.id })
    return redirect(`/tickets/${params.id}`, 303)
  }
  return reject(context, typed, await reserve(context, params.id, typed))
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function TicketPage({ loaderData, actionData }: Route.ComponentProps) {
  const { ticket: sent, hasBegun, refused, isEventKept, isAdmin, isTakenDown } = loaderData
  const ticket = newest(sent, useHeardTickets({ ids: [sent.id] }))
  const ofOtherTab = useOrderOfOtherTab(sent.id)
  const ownOrderId = loaderData.ownOrderId ?? (ticket.status === 'reserved' ? ofOtherTab : null)
  const texts = useTicketTexts()
  const format = useFormat()
  const rejected = actionData ?? refused
  const seen = rejected?.code === 'price-changed' ? rejected.values : null
  const { event } = ticket
  const name = event?.name ?? ticket.title
  return (
    <div className="page max-w-5xl pt-4 pb-8 sm:pt-8">
      <Head
        title={(event ? [event.name, ticket.title] : [ticket.title]).map(isolated).join(', ')}
        description={texts.ticket.description(isolated(ticket.title), format.money(ticket.price, ticket.currency))}
        canonical={`/tickets/${ticket.id}`}
        isUnlisted={hasBegun || ticket.status === 'sold' || ticket.status === 'withdrawn'}
        linkedData={useLinkedOffer(ticket, hasBegun)}
      />
      {seen ? (
        <div className="mb-6">
          <Notice look="warn" announce title={texts.live.price(format.money(ticket.price, ticket.currency))}>
            {texts.ticket.priceBefore(format.money(Number(seen.price), seen.currency ?? 'eur'))}
          </Notice>
        </div>
      ) : (
        rejected?.values.intent !== 'take-down' && <Rejection rejected={rejected} />
      )}
      {rejected?.code === 'address-unconfirmed' && (
        <div className="mb-6">
          <Unconfirmed email={loaderData.email} />
        </div>
      )}
      {isTakenDown && !actionData && (
        <div className="mb-6">
          <Notice look="good" announce title={texts.ticket.takedown.takenDown} />
        </div>
      )}
      {isEventKept && (
        <div className="mb-6">
          <Notice look="warn" announce title={texts.ticket.eventKept}>
            {texts.ticket.eventKeptHint}
          </Notice>
        </div>
      )}
      <div role="status">
        {ticket.price !== sent.price && !seen && (
          <div className="mb-6">
            <Notice look="warn" title={texts.live.price(format.money(ticket.price, ticket.currency))}>
              {texts.live.priceBefore(format.money(sent.price, sent.currency))}
            </Notice>
          </div>
        )}
      </div>
      {hasBegun && (
        <div className="mb-6">
          <Notice look="warn" title={texts.ticket.begun}>
            {ticket.status === 'listed' && texts.ticket.begunHint}
          </Notice>
        </div>
      )}
      <article className="stub stub-large">
        <div className="stub-main grid gap-x-6 gap-y-5 sm:grid-cols-[10rem_1fr]">
          {event && <Poster event={event} className="hidden w-full rounded-soft sm:block" />}
          <div className={`flex min-w-0 flex-col gap-5 ${event ? '' : 'sm:col-span-2'}`}>
            <div>
              <h1 className="text-title">
                <bdi>{name}</bdi>
              </h1>
              {event && (
                <p className="mt-2">
                  <When event={event} long />
                  <br />
                  <span className="text-muted">
                    <Place event={event} />
                  </span>
                </p>
              )}
            </div>
            <div>
              {event && (
                <p className="mb-2 font-semibold">
                  <bdi>{ticket.title}</bdi>
                </p>
              )}
              <SeatPlace seat={ticket.seat} />
            </div>
            <SoldBy seller={ticket.seller} className="mt-auto" />
          </div>
        </div>
        <div className="stub-tear flex flex-col gap-4">
          <div>
            <Price price={ticket.price} currency={ticket.currency} className="block text-title" />
            <p className="text-small text-muted">{texts.ticket.wholePrice}</p>
            {/* Present before there is anything to say, so that screen readers announce it when it appears. */}
            <div role="status">
              {!loaderData.isOwn && ticket.status !== 'listed' && (
                <div className="mt-4">
                  <WhyNot ticket={ticket} isHeldByMe={ownOrderId !== null} />
                </div>
              )}
            </div>
          </div>
          <Said text={ticket.status === 'listed' && sent.status !== 'listed' ? texts.live.back : ''} />
          <WhatToDo {...loaderData} ticket={ticket} ownOrderId={ownOrderId} />
          {isAdmin && (ticket.status === 'listed' || ticket.status === 'reserved') && (
            <Reasoned
              intent="take-down"
              label={texts.ticket.takedown.takeDown}
              hint={texts.ticket.takedown.takeDownHint}
              reasonLabel={texts.ticket.takedown.reasonForSeller}
              pending={texts.ticket.takedown.takingDown}
              rejected={rejected}
            />
          )}
        </div>
      </article>
      {ticket.description && (
        <section className="mt-8 max-w-prose">
          <h2 className="text-entry">{texts.ticket.about}</h2>
          <p className="mt-2 whitespace-pre-line" dir="auto">
            {ticket.description}
          </p>
        </section>
      )}
      {event && (
        <p className="mt-8">
          <Link className="link" to={`/events/${event.id}`}>
            {texts.ticket.toEvent}
          </Link>
        </p>
      )}
    </div>
  )
}

type Shown = Route.ComponentProps['loaderData']

function WhatToDo({ ticket, ownOrderId, isOwn, isSignedIn, hasBegun, idempotencyKey }: Shown) {
  const texts = useTicketTexts()
  if (isOwn) return <ForItsSeller ticket={ticket} />
  if (ticket.status === 'listed')
    return hasBegun ? null : (
      <Form method="post" className="grid gap-2">
        <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
        <input type="hidden" name="price" value={ticket.price} />
        <input type="hidden" name="currency" value={ticket.currency} />
        <Submit look="main" pending={texts.ticket.reserving} intent="reserve" className="w-full">
          {texts.ticket.reserve}
        </Submit>
        <p className="text-small text-muted">{isSignedIn ? texts.ticket.reserveHint : texts.ticket.signInHint}</p>
      </Form>
    )
  return (
    ticket.status === 'reserved' &&
    ownOrderId && (
      <Link className="button button-main" to={`/orders/${ownOrderId}`}>
        {texts.mine.continuePaying}
      </Link>
    )
  )
}

function WhyNot({ ticket: { status, heldUntil, event }, isHeldByMe }: { ticket: Ticket; isHeldByMe: boolean }) {
  const texts = useTicketTexts()
  const format = useFormat()
  const ownTime = useOwnTime(heldUntil)
  switch (status) {
    case 'listed':
      return null
    case 'reserved':
      if (isHeldByMe)
        return (
          <Notice look="good" title={texts.ticket.heldByMe}>
            {texts.mine.waitingHint}
          </Notice>
        )
      // Without JavaScript the time is on the venue's clock, with its zone; else on the reader's own.
      return (
        <Notice look="warn" title={texts.ticket.reserved}>
          {heldUntil
            ? texts.ticket.reservedUntil(ownTime ?? format.timeWithZone(heldUntil, event?.timeZone))
            : texts.ticket.reservedHint}
        </Notice>
      )
    case 'sold':
      return <Notice title={texts.ticket.sold}>{texts.ticket.soldHint}</Notice>
    case 'withdrawn':
      return <Notice title={texts.ticket.withdrawn}>{texts.ticket.withdrawnHint}</Notice>
    default:
      return status satisfies never
  }
}

function ForItsSeller({ ticket }: { ticket: Ticket }) {
  const texts = useTicketTexts()
  const state = {
    listed: { title: texts.ticket.own, hint: texts.ticket.ownHint },
    reserved: { title: texts.ticket.own, hint: texts.ticket.ownReservedHint },
    sold: ticket.refunded
      ? { title: texts.ticket.ownRefunded, hint: texts.ticket.ownRefundedHint }
      : { title: texts.ticket.sold, hint: texts.ticket.ownSoldHint },
    withdrawn: { title: texts.ticket.own, hint: texts.ticket.ownWithdrawnHint },
  }[ticket.status]
  return (
    <div className="grid gap-3">
      <Notice title={state.title}>{state.hint}</Notice>
      {ticket.refunded && (
        <Link className="button button-main" to={`/sell?again=${ticket.id}`}>
          {texts.ticket.listAgain}
        </Link>
      )}
      {ticket.takedownReason && ticket.status !== 'sold' && (
        <Notice look="warn" title={texts.ticket.takenDown}>
          <p className="break-words" dir="auto">
            {ticket.takedownReason}
          </p>
        </Notice>
      )}
      {ticket.status === 'sold' && (
        <Link className="button" to="/my-tickets/selling">
          {texts.mine.toSales}
        </Link>
      )}
      {ticket.status === 'listed' && (
        <>
          <Link className="button" to={`/tickets/${ticket.id}/edit`}>
            {texts.ticket.edit}
          </Link>
          <details>
            <summary className="inline-flex min-h-11 items-center underline underline-offset-4">
              {texts.ticket.withdraw}
            </summary>
            <Form method="post" className="mt-2 grid gap-3">
              <p className="text-small text-muted">{texts.ticket.withdrawHint}</p>
              <Submit pending={texts.ticket.withdraw} intent="withdraw">
                {texts.ticket.withdraw}
              </Submit>
            </Form>
          </details>
        </>
      )}
    </div>
  )
}

function useLinkedOffer(ticket: Ticket, hasBegun: boolean): object {
  const publicUrl = usePublicUrl()
  return {
    '@context': 'https://schema.org',
    ...linkedOffer(ticket, { publicUrl, hasBegun }),
    name: unturned(ticket.title),
    seller: { '@type': 'Person', name: unturned(ticket.seller.name) },
    ...(ticket.event ? { itemOffered: linkedEvent(ticket.event, publicUrl) } : {}),
  }
}
