// The ticket is the buyer's while the time runs: pay or cancel.

import type { Order, Ticket } from '@aisle/contracts/entities'
import { Form } from 'react-router'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Countdown } from './countdown.tsx'
import { Notice } from './notice.tsx'
import { OrderStub } from './order-stub.tsx'

type AwaitingProps = {
  order: Order
  seller: Ticket['seller'] | null
  secondsLeft: number
  windowSeconds: number
  paymentUrl: string | undefined
  isDeclined: boolean
  idempotencyKey: string
}

export function AwaitingPayment({
  order,
  seller,
  secondsLeft,
  windowSeconds,
  paymentUrl,
  isDeclined,
  idempotencyKey,
}: AwaitingProps) {
  const texts = useTexts()
  const format = useFormat()
  const { price, currency } = order.ticket
  return (
    <>
      <h1 className="mb-5 text-title">{texts.order.title}</h1>
      <div className="mb-6 grid gap-5">
        <Countdown secondsLeft={secondsLeft} expiresAt={order.expiresAt} windowSeconds={windowSeconds} />
        {isDeclined && (
          <Notice look="bad" announce title={texts.order.declined(Math.max(1, Math.floor(secondsLeft / 60)))}>
            {texts.order.declinedHint}
          </Notice>
        )}
      </div>
      <OrderStub order={order} seller={seller} label={`${texts.order.total} · ${texts.order.totalHint}`}>
        {paymentUrl ? (
          <a className="button button-main" href={paymentUrl}>
            {texts.order.continuePaying}
          </a>
        ) : (
          <Form method="post" className="grid">
            <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
            <Submit look="main" pending={texts.order.paying} intent="pay">
              {texts.order.pay(format.money(price, currency))}
            </Submit>
          </Form>
        )}
        <p className="text-small text-muted">{texts.order.payHint}</p>
      </OrderStub>
      <Form method="post" className="mt-6 flex flex-wrap items-center gap-x-4">
        <Submit look="quiet" pending={texts.order.cancel} intent="cancel">
          {texts.order.cancel}
        </Submit>
        <p className="text-small text-muted">{texts.order.cancelHint}</p>
      </Form>
    </>
  )
}
