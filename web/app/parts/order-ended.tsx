// The ends of an order: what happened, and what to do next.

import type { Order } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import { OrderStub } from './order-stub.tsx'

type EndProps = { order: Order; sellerName: string | null }

export function Bought({ order, sellerName, isFresh }: EndProps & { isFresh: boolean }) {
  const texts = useTexts()
  return (
    <>
      <Heading title={texts.order.complete} body={texts.order.completePlain} large />
      <OrderStub order={order} sellerName={sellerName} label={texts.order.paid} edge={isFresh ? 'tearing' : 'torn'}>
        <Link className="button button-main" to="/my-tickets">
          {texts.order.toMine}
        </Link>
      </OrderStub>
    </>
  )
}

type RefundedProps = EndProps & { refunded: { amount: number; currency: string } | null }

export function Refunded({ order, sellerName, refunded }: RefundedProps) {
  const texts = useTexts()
  const format = useFormat()
  const body = refunded?.amount
    ? texts.order.refundedHint(format.money(refunded.amount, refunded.currency))
    : texts.order.refundedPlain
  return (
    <>
      <Heading title={texts.order.refunded} body={body} />
      <OrderStub order={order} sellerName={sellerName} label={texts.order.status.refunded}>
        <Link className="button" to="/my-tickets">
          {texts.order.toMine}
        </Link>
      </OrderStub>
    </>
  )
}

/** Nothing was charged, for one of five reasons. */
export function Ended({ order, sellerName }: EndProps) {
  const texts = useTexts()
  const reason = order.reason ?? 'ticket-unavailable'
  const { title, body } = texts.order.ended[reason]
  const { event, id } = order.ticket
  const mayTryAgain = reason !== 'ticket-unavailable'
  return (
    <>
      <Heading title={title} body={body} />
      <OrderStub order={order} sellerName={sellerName} label={texts.order.status.cancelled}>
        {mayTryAgain && (
          <Link className="button button-main" to={`/tickets/${id}`}>
            {texts.order.tryAgain}
          </Link>
        )}
        <Link className={`button ${mayTryAgain ? '' : 'button-main'}`} to={event ? `/events/${event.id}` : '/'}>
          {event ? texts.order.others : texts.order.browse}
        </Link>
      </OrderStub>
    </>
  )
}

function Heading({ title, body, large = false }: { title: string; body: string; large?: boolean }) {
  return (
    <div className="mb-7">
      <h1 className={large ? 'text-display' : 'text-title'}>{title}</h1>
      <p className="mt-2 max-w-prose text-lead text-muted">{body}</p>
    </div>
  )
}
