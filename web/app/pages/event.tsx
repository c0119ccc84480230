// One event and its tickets, cheapest first. The strip of dots shows the prices at a glance and filters up to a
// price.

import { showEvent } from '@aisle/contracts/api/events'
import { browseTickets } from '@aisle/contracts/api/tickets'
import type { Event, Ticket } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { readApi } from '../api/call-api.server.ts'
import { hasBegun } from '../format/has-begun.ts'
import { isolated } from '../format/isolate.ts'
import { linkedEvent, linkedOffer } from '../format/linked-data.ts'
import { chosenCurrency } from '../format/price-filter.ts'
import { pricesOf } from '../format/prices-of.ts'
import { changesOf, mergeTickets } from '../live/merge-tickets.ts'
import { useHeardTickets } from '../live/use-live.ts'
import { Empty } from '../parts/empty.tsx'
import { Head, usePublicUrl } from '../parts/head.tsx'
import { Notice } from '../parts/notice.tsx'
import { Pager } from '../parts/pager.tsx'
import { Poster } from '../parts/poster.tsx'
import { PriceDots } from '../parts/price-dots.tsx'
import { Said } from '../parts/said.tsx'
import { goneNote, TicketStub } from '../parts/ticket-stub.tsx'
import { Place, placeOf, When } from '../parts/when.tsx'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/event.ts'

/** The API's maximum page size: the dots show these tickets. */
const perPage = 100

export async function loader({ params, request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const after = searchParams.get('after')
  const upTo = Number(searchParams.get('upTo'))
  const { body: event } = await readApi(context, showEvent, { params })
  const prices = pricesOf(event)
  const chosen = prices.find(({ currency }) => currency === chosenCurrency(searchParams))
  const currency = (chosen ?? prices[0])?.currency ?? null
  const tickets = currency
    ? await readApi(context, browseTickets, {
        query: { eventId: params.id, sort: 'price', currency, limit: perPage, ...(after ? { after } : {}) },
      })
    : null
  return {
    event,
    currency,
    tickets: tickets?.body ?? [],
    hasBefore: after !== null,
    next: tickets?.next ?? null,
    limit: Number.isInteger(upTo) && upTo > 0 ? upTo : null,
    hasBegun: hasBegun(event),
  }
}

export default function EventPage({ loaderData }: Route.ComponentProps) {
  const { event, currency, tickets: sent, hasBefore, next, limit, hasBegun } = loaderData
  const texts = useTexts()
  const format = useFormat()
  const heard = useHeardTickets({ eventId: event.id })
  const tickets = mergeTickets(sent, heard, { eventId: event.id, currency, hasBefore, hasAfter: next !== null })
  const { gone, added } = changesOf(sent, tickets)
  const shown = limit === null ? tickets : tickets.filter(({ price }) => price <= limit)
  return (
    <div className="page grid gap-x-14 pt-4 pb-8 sm:pt-8 md:grid-cols-[minmax(14rem,22rem)_1fr]">
      <Head
        title={isolated(event.name)}
        description={texts.event.description(
          isolated(event.name),
          placeOf(event),
          format.longDate(event.startsAt, event.timeZone),
        )}
        canonical={`/events/${event.id}`}
        linkedData={useLinkedEvent(event, sent)}
      />
      <div className="hidden md:block">
        <Poster event={event} className="sticky top-8 w-full rounded-soft" />
      </div>
      <div className="min-w-0">
        <header className="grid grid-cols-[1fr_6rem] gap-4 md:block">
          <div className="min-w-0">
            {event.kind && <p className="text-small text-muted">{texts.kind[event.kind]}</p>}
            <h1 className="mt-1 text-display">
              <bdi>{event.name}</bdi>
            </h1>
          </div>
          <Poster event={event} className="w-full rounded-soft md:hidden" />
          <div className="col-span-2 mt-1 md:mt-4">
            <p className="text-lead">
              <When event={event} long />
            </p>
            <p className="text-lead text-muted">
              <Place event={event} />
            </p>
          </div>
        </header>
        <section className="mt-8" aria-labelledby="tickets">
          <h2 id="tickets" className={hasBegun || tickets.length === 0 ? 'sr-only' : 'mb-4 text-title'}>
            {texts.event.tickets(Math.max(0, event.listed - gone + added))}
          </h2>
          <Said
            text={[gone > 0 && texts.live.gone(gone), added > 0 && texts.live.added(added)].filter(Boolean).join(' ')}
          />
          {hasBegun ? (
            <Notice look="warn" title={texts.event.past}>
              {texts.event.pastHint}
            </Notice>
          ) : tickets.length === 0 ? (
            <Empty title={texts.event.empty} hint={texts.event.emptyHint}>
              <Link className="button" to={`/sell?event=${event.id}`}>
                {texts.event.sellOne}
              </Link>
            </Empty>
          ) : (
            <>
              <Currencies event={event} shown={currency} />
              <PriceDots tickets={tickets} limit={limit} currency={tickets[0]!.currency} />
              <ul className="grid gap-4">
                {shown.map((ticket) => (
                  <li key={ticket.id} className="grid min-w-0">
                    <TicketStub ticket={ticket} to={`/tickets/${ticket.id}`} {...goneNote(ticket, texts)} />
                  </li>
                ))}
              </ul>
              <Pager
                next={shown.length === tickets.length ? next : null}
                more={texts.event.more}
                first={texts.event.first}
              />
              <p className="mt-8 text-small">
                <Link className="link" to={`/sell?event=${event.id}`}>
                  {texts.event.sellOne}
                </Link>
              </p>
            </>
          )}
        </section>
      </div>
    </div>
  )
}

/** Nearly every event is sold in one currency; prices in another do not fit on the same scale. */
function Currencies({ event, shown }: { event: Event; shown: Ticket['currency'] | null }) {
  const texts = useTexts()
  const format = useFormat()
  const prices = pricesOf(event)
  if (prices.length < 2) return null
  return (
    <nav aria-label={texts.event.byCurrency} className="mb-6">
      <ul className="flex flex-wrap gap-x-6 gap-y-2 text-small">
        {prices.map(({ price, currency }) => (
          <li key={currency}>
            <Link
              to={`?currency=${currency}`}
              preventScrollReset
              className="link inline-flex min-h-9 items-center"
              aria-current={currency === shown ? 'true' : undefined}
            >
              {texts.event.inCurrency(texts.currency[currency], format.money(price, currency))}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function useLinkedEvent(event: Event, tickets: readonly Ticket[]): object {
  const publicUrl = usePublicUrl()
  return {
    '@context': 'https://schema.org',
    ...linkedEvent(event, publicUrl),
    offers: tickets.map((ticket) => linkedOffer(ticket, { publicUrl, hasBegun: false })),
  }
}
