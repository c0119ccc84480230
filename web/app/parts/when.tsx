import type { TicketEvent } from '@aisle/contracts/entities'
import { isolated } from '../format/isolate.ts'
import { useFormat } from '../texts/use-texts.tsx'

type Timed = Pick<TicketEvent, 'startsAt' | 'timeZone'>

/** When an event is, on the clock of its venue. */
export function When({ event: { startsAt, timeZone }, long = false }: { event: Timed; long?: boolean }) {
  const format = useFormat()
  return (
    // Browsers may write a date slightly otherwise than the server; what is there stays.
    <time dateTime={startsAt} className="numbers" suppressHydrationWarning>
      {long
        ? `${format.longDate(startsAt, timeZone)}, ${format.timeWithZone(startsAt, timeZone)}`
        : `${format.shortDate(startsAt, timeZone)}, ${format.time(startsAt, timeZone)}`}
    </time>
  )
}

type Placed = Pick<TicketEvent, 'venue' | 'city'>

/** Where an event is. */
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

/** As `Place`, where there is only text. */
export const placeOf = ({ venue, city }: Placed) => [venue, ...(city ? [city] : [])].map(isolated).join(', ')
