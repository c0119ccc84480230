import type { TicketEvent } from '@aisle/contracts/entities'
import { posterHeight, posterMarkup, posterWidth } from '../poster.ts'

/** Decoration: the event's name is always beside it. */
export function Poster({
  event,
  className = '',
}: {
  event: { id: string; kind?: TicketEvent['kind'] }
  className?: string
}) {
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${posterWidth} ${posterHeight}`}
      className={`block ${className}`}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: only shapes and colours of our own, see posterMarkup
      dangerouslySetInnerHTML={{ __html: posterMarkup(event.id, event.kind) }}
    />
  )
}
