import type { Seat } from '@aisle/contracts/entities'
import { useTexts } from '../texts/use-texts.tsx'

/** Section, row and seat as on a printed ticket: a small word above a large value. */
export function SeatPlace({ seat }: { seat: Seat | undefined }) {
  const texts = useTexts()
  const parts = (['section', 'row', 'number'] as const).filter((part) => seat?.[part])
  if (!seat || parts.length === 0) return <p className="text-small text-muted">{texts.seat.none}</p>
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 sm:gap-x-6">
      {parts.map((part) => (
        <div key={part} className="min-w-0">
          <dt className="text-label text-muted">{texts.seat[part]}</dt>
          <dd className="font-display font-semibold text-lead">
            <bdi>{seat[part]}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}
