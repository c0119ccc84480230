import type { Ticket } from '@aisle/contracts/entities'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Texts } from '../texts/en.ts'
import { useTexts } from '../texts/use-texts.tsx'
import { Price } from './price.tsx'
import { SeatPlace } from './seat.tsx'
import { Place, When } from './when.tsx'

type Shown = Pick<Ticket, 'title' | 'price' | 'currency' | 'seat' | 'event'>

type StubProps = {
  ticket: Shown
  to: string
  /** Left out on a page that is already about the event. */
  withEvent?: boolean
  /** Shown below the price. */
  note?: ReactNode
  /** It cannot be bought at the moment. */
  isGone?: boolean
}

/** What a list shows for a ticket that was taken while the page is open. */
export const goneNote = ({ status }: Ticket, texts: Texts) =>
  status === 'listed' ? {} : { isGone: true, note: texts.ticketStatus[status] }

/** A ticket in a list: a stub with the price on its tear-off. All of it links to the ticket. */
export function TicketStub({
  ticket: { title, price, currency, seat, event },
  to,
  withEvent = false,
  note,
  isGone = false,
}: StubProps) {
  const texts = useTexts()
  return (
    <Link to={to} className={`stub stub-link rounded-soft ${isGone ? 'stub-gone' : ''}`}>
      <div className="stub-main flex flex-col gap-2">
        {withEvent && (
          <div>
            <h3 className="hyphens-auto text-entry">
              <bdi>{event?.name ?? title}</bdi>
            </h3>
            <p className="text-small text-muted">
              {event ? (
                <>
                  <When event={event} />
                  <br />
                  <Place event={event} />
                </>
              ) : (
                texts.when.noEvent
              )}
            </p>
          </div>
        )}
        {(!withEvent || event) && (
          <p className={withEvent ? 'text-small' : 'font-semibold'}>
            <bdi>{title}</bdi>
          </p>
        )}
        <SeatPlace seat={seat} />
      </div>
      <div className="stub-tear flex flex-col items-center justify-center gap-1 text-center">
        <Price price={price} currency={currency} className="text-entry" />
        {note && <span className={`text-label ${isGone ? 'font-semibold' : 'text-muted'}`}>{note}</span>}
      </div>
    </Link>
  )
}
