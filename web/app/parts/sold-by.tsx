import type { Ticket } from '@aisle/contracts/entities'
import { isolated } from '../format/isolate.ts'
import { useTicketTexts } from '../texts/ticket.ts'

/** Who sells a ticket: by name, unless the account of the seller was erased. */
export function SoldBy({ seller, className = '' }: { seller: Ticket['seller']; className?: string }) {
  const { ticket } = useTicketTexts()
  return (
    <p className={`text-small text-muted ${className}`}>
      {seller.erased ? ticket.soldByFormer : ticket.soldBy(isolated(seller.name))}
    </p>
  )
}
