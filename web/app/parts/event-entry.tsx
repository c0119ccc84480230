import type { Event } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { pricesOf } from '../format/prices-of.ts'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import { Poster } from './poster.tsx'
import { Place, When } from './when.tsx'

/** An event in the programme: its poster, name, time, place, and lowest price. */
export function EventEntry({ event }: { event: Event }) {
  const texts = useTexts()
  const format = useFormat()
  const prices = pricesOf(event)
  return (
    <article className="group relative grid grid-cols-[6.25rem_1fr] gap-x-4 border-line border-t py-5 sm:grid-cols-[7.5rem_1fr] sm:gap-x-6">
      <Poster event={event} className="w-full rounded-soft" />
      <div className="flex min-w-0 flex-col">
        <p className="text-small text-muted">
          <When event={event} />
        </p>
        <h3 className="mt-1 text-entry">
          <Link
            to={`/events/${event.id}`}
            className="underline-offset-4 after:absolute after:inset-0 group-hover:underline"
          >
            <bdi>{event.name}</bdi>
          </Link>
        </h3>
        <p className="mt-1 text-small text-muted">
          <Place event={event} />
        </p>
        <p className="numbers mt-auto pt-3 text-small">
          {prices.length > 0 ? (
            <>
              <span className="text-muted">{texts.home.startingAt} </span>
              <span className="font-display font-semibold text-lead">
                {prices.map(({ price, currency }) => format.money(price, currency)).join(' / ')}
              </span>
              <span className="text-muted"> · {texts.home.tickets(event.listed)}</span>
            </>
          ) : (
            <span className="text-muted">{texts.home.noTickets}</span>
          )}
        </p>
      </div>
    </article>
  )
}

/** A placeholder in the shape of an entry, for slow searches. */
export function EventEntrySkeleton() {
  return (
    <div
      aria-hidden="true"
      className="grid grid-cols-[6.25rem_1fr] gap-x-4 border-line border-t py-5 sm:grid-cols-[7.5rem_1fr] sm:gap-x-6"
    >
      <div className="skeleton aspect-3/4 w-full" />
      <div className="flex flex-col gap-2">
        <div className="skeleton h-4 w-1/3" />
        <div className="skeleton h-6 w-3/4" />
        <div className="skeleton h-4 w-1/2" />
      </div>
    </div>
  )
}
