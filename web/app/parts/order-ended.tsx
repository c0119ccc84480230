// The ways an order ends: what happened, and what to do next.

import type { Order, OrderRefunds, Ticket } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import { Notice } from './notice.tsx'
import { OrderStub } from './order-stub.tsx'

type EndProps = { order: Order; seller: Ticket['seller'] | null }
type PaidProps = EndProps & { refunds: OrderRefunds | undefined }

export function Bought({ order, seller, refunds, isFresh }: PaidProps & { isFresh: boolean }) {
  const texts = useTexts()
  return (
    <>
      <Heading title={texts.order.complete} body={texts.order.completePlain} large />
      {order.number && <p className="-mt-4 mb-7 text-muted">{texts.order.yourNumber(order.number)}</p>}
      {refunds && <GivenBack refunds={refunds} />}
      <OrderStub order={order} seller={seller} label={texts.order.paid} edge={isFresh ? 'tearing' : 'torn'}>
        <Link className="button button-main" to="/my-tickets">
          {texts.order.toMine}
        </Link>
      </OrderStub>
    </>
  )
}

/** A partial refund. */
function GivenBack({ refunds: { refunded, pending, currency } }: { refunds: OrderRefunds }) {
  const texts = useTexts()
  const format = useFormat()
  const sums = [
    [refunded, texts.order.givenBack],
    [pending, texts.order.comingBack],
  ] as const
  return (
    <div className="mb-7 grid gap-3">
      {sums.map(
        ([sum, say]) =>
          sum > 0 && (
            <Notice key={say(format.money(sum, currency))} title={say(format.money(sum, currency))}>
              {texts.order.givenBackHint}
            </Notice>
          ),
      )}
    </div>
  )
}

export function Refunded({ order, seller, refunds }: PaidProps) {
  const texts = useTexts()
  const format = useFormat()
  const body = refunds
    ? texts.order.refundedHint(format.money(refunds.refunded + refunds.pending, refunds.currency))
    : texts.order.refundedPlain
  return (
    <>
      <Heading title={texts.order.refunded} body={body} />
      <OrderStub order={order} seller={seller} label={texts.order.status.refunded}>
        <Link className="button" to="/my-tickets">
          {texts.order.toMine}
        </Link>
      </OrderStub>
    </>
  )
}

/** Nothing was charged, and why. */
export function Ended({ order, seller }: EndProps) {
  const texts = useTexts()
  const reason = order.reason ?? 'ticket-unavailable'
  const { title, body } = texts.order.ended[reason]
  const { event, id } = order.ticket
  const hasBegun = reason === 'event-begun'
  const mayTryAgain = reason !== 'ticket-unavailable' && reason !== 'seller-banned' && !hasBegun
  const offersMore = event !== undefined && !hasBegun
  return (
    <>
      <Heading title={title} body={body} />
      {order.note && (
        <div className="mb-7">
          <Notice title={texts.order.adminSays}>
            <p className="break-words" dir="auto">
              {order.note}
            </p>
          </Notice>
        </div>
      )}
      <OrderStub order={order} seller={seller} label={texts.order.status.cancelled}>
        {mayTryAgain && (
          <Link className="button button-main" to={`/tickets/${id}`}>
            {texts.order.tryAgain}
          </Link>
        )}
        <Link className={`button ${mayTryAgain ? '' : 'button-main'}`} to={offersMore ? `/events/${event.id}` : '/'}>
          {offersMore ? texts.order.others : texts.order.browse}
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
