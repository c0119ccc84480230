import type { TicketEvent } from '@aisle/contracts/entities'
import { isolated } from '../format/isolate.ts'
import { useFormat } from '../texts/use-texts.tsx'

type Timed = Pick<TicketEvent, 'startsAt' | 'timeZone'>

/** The start of an event, on its venue's clock. */
export function When({ event: { startsAt, timeZone }, long = false }: { event: Timed; long?: boolean }) {
  const format = useFormat()
  return (
    // A browser may format a date slightly differently from the server; the server's text stays.
    <time dateTime={startsAt} className="numbers" suppressHydrationWarning>
      {long
        ? `${format.longDate(startsAt, timeZone)}, ${format.timeWithZone(startsAt, timeZone)}`
        : `${format.shortDate(startsAt, timeZone)}, ${format.time(startsAt, timeZone)}`}
    </time>
  )
}

type Placed = Pick<TicketEvent, 'venue' | 'city'>

/** The place of an event. */
export function Place({ event: { venue, city } }: { event: Placed }) {
  return (
    <>
      <bdi>{venue}</bdi>
      {city && (
        <>
          , <bdi>{city}</bdi>
        </>
      )}
    </>
  )
}

/** Like `Place`, where only plain text is possible. */
export const placeOf = ({ venue, city }: Placed) => [venue, ...(city ? [city] : [])].map(isolated).join(', ')
