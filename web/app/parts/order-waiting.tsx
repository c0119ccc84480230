import type { Order, Ticket } from '@aisle/contracts/entities'
import { useTexts } from '../texts/use-texts.tsx'
import { LookAgain } from './look-again.tsx'
import { OrderStub } from './order-stub.tsx'

type WaitingProps = { order: Order; seller: Ticket['seller'] | null; title: string; hint: string }

/** Something is in progress that needs nothing from the buyer. */
export function OrderWaiting({ order, seller, title, hint }: WaitingProps) {
  const texts = useTexts()
  return (
    <>
      <LookAgain seconds={2} />
      <div className="mb-6">
        <h1 className="text-title">{title}</h1>
        <p className="mt-2 max-w-prose text-muted">{hint}</p>
      </div>
      <OrderStub order={order} seller={seller} label={texts.order.total}>
        <a className="button" href={`/orders/${order.id}`}>
          {texts.order.reload}
        </a>
      </OrderStub>
    </>
  )
}
