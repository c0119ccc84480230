import type { Order, Ticket } from '@aisle/contracts/entities'
import type { ReactNode } from 'react'
import { useTicketTexts } from '../texts/ticket.ts'
import { Poster } from './poster.tsx'
import { Price } from './price.tsx'
import { SeatPlace } from './seat.tsx'
import { SoldBy } from './sold-by.tsx'
import { Place, When } from './when.tsx'

type OrderStubProps = {
  order: Order
  seller: Ticket['seller'] | null
  /** Above the price. */
  label: string
  /** `tearing` is an animation; `torn` is its final state. */
  edge?: 'whole' | 'torn' | 'tearing'
  children?: ReactNode
}

/** The purchased ticket as it was when reserved: the price shown is the price charged. */
export function OrderStub({ order: { ticket }, seller, label, edge = 'whole', children }: OrderStubProps) {
  const texts = useTicketTexts()
  const { event, title, seat, price, currency } = ticket
  const torn = edge === 'whole' ? '' : `stub-torn ${edge === 'tearing' ? 'stub-tearing' : ''}`
  return (
    <article className={`stub stub-large ${torn}`} aria-label={texts.order.buying}>
      <div className="stub-main grid gap-x-5 sm:grid-cols-[7rem_1fr]">
        {event && <Poster event={event} className="hidden w-full rounded-soft sm:block" />}
        <div className={`flex min-w-0 flex-col gap-3 ${event ? '' : 'sm:col-span-2'}`}>
          <div>
            <h2 className="text-entry">
              <bdi>{event?.name ?? title}</bdi>
            </h2>
            {event && (
              <p className="mt-1 text-small text-muted">
                <When event={event} long />
                <br />
                <Place event={event} />
              </p>
            )}
          </div>
          {event && (
            <p className="text-small">
              <bdi>{title}</bdi>
            </p>
          )}
          <SeatPlace seat={seat} />
          {seller && <SoldBy seller={seller} />}
        </div>
      </div>
      <div className="stub-tear flex flex-col justify-center gap-4">
        <div>
          <p className="text-small text-muted">{label}</p>
          <Price price={price} currency={currency} className="block text-title" />
        </div>
        {children}
      </div>
    </article>
  )
}
