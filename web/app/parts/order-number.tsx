import type { Sale } from '@aisle/contracts/entities'
import { useTexts } from '../texts/use-texts.tsx'

type Named = { id: string; number?: string | undefined }

/** What an order is called on pages: its number, or the end of its id where services know no numbers yet. */
export const nameOfOrder = ({ id, number }: Named) => number ?? `…${id.slice(-8)}`

/** "Order K7MP-42XW"; the number stays in one line. */
export function OrderNumber({ order }: { order: Named }) {
  const texts = useTexts()
  return (
    <>
      {texts.order.number} <span className="numbers whitespace-nowrap">{nameOfOrder(order)}</span>
    </>
  )
}

/** The order of a sale, as far as its seller knows it. */
export const orderOf = ({
  payment,
  orderNumber,
}: Pick<Sale, 'payment'> & { orderNumber?: string | undefined }): Named => ({
  id: payment.orderId,
  number: orderNumber,
})
