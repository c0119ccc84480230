// An event's tickets in one currency by price, one dot each. Pressing a column filters up to its price. Columns
// are links, so this works without JavaScript.

import type { Ticket } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import { columnsOf } from './price-columns.ts'

/** A higher column would push the tickets off the screen. */
const highestPile = 6

export function PriceDots({
  tickets,
  limit,
  currency,
}: {
  tickets: readonly Ticket[]
  limit: number | null
  currency: string
}) {
  const texts = useTexts()
  const format = useFormat()
  // Tickets sold while the page is open keep their dots, so that nothing moves; they are not counted.
  const prices = tickets.map(({ price }) => price)
  if (new Set(prices).size < 2) return null
  const piles = columnsOf(prices)
  return (
    <nav aria-label={texts.event.byPrice} className="mb-6">
      <div className="grid auto-cols-fr grid-flow-col">
        {piles.map((pile, index) =>
          pile ? (
            <Link
              key={pile.upTo}
              to={`?currency=${currency}&upTo=${pile.upTo}`}
              preventScrollReset
              aria-label={texts.event.upTo(
                format.money(pile.upTo, currency),
                tickets.filter(({ price, status }) => price <= pile.upTo && status === 'listed').length,
              )}
              aria-current={limit === pile.upTo ? 'true' : undefined}
              className={`dots-column ${limit !== null && pile.upTo > limit ? 'dots-out' : ''}`}
            >
              {Array.from({ length: Math.min(pile.count, highestPile) }, (_, dot) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: dots of a pile are alike
                <span key={dot} className="dot" />
              ))}
              {pile.count > highestPile && <span className="numbers text-label">{pile.count}</span>}
            </Link>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a gap is its place
            <span key={index} className="dots-column" />
          ),
        )}
      </div>
      <p className="numbers mt-1 flex justify-between text-label text-muted">
        <span>{format.money(Math.min(...prices), currency)}</span>
        <span>{format.money(Math.max(...prices), currency)}</span>
      </p>
      {limit !== null && (
        <p className="mt-2 text-small" role="status">
          {texts.event.showingUpTo(format.money(limit, currency))}.{' '}
          <Link className="link" to={`?currency=${currency}`} preventScrollReset>
            {texts.event.showAll}
          </Link>
        </p>
      )}
    </nav>
  )
}
