// Dates are kept in UTC and shown as the clock at the venue shows them.

/** `timeZone` when this runtime knows it, else UTC: the API takes any name of the right form. */
export function knownTimeZone(timeZone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timeZone ?? 'UTC' }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}

function wallClock(instant: number, timeZone: string): Record<string, string> {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(instant)
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]))
}

/** An instant as `<input type="datetime-local">` holds it, on the clock of `timeZone`. */
export function toLocalInput(iso: string, timeZone: string): string {
  const { year, month, day, hour, minute } = wallClock(Date.parse(iso), timeZone)
  return `${year}-${month}-${day}T${hour}:${minute}`
}

/** The day of an instant on the clock of `timeZone`, as `<input type="date">` holds it. */
export const toLocalDay = (iso: string, timeZone: string): string => toLocalInput(iso, timeZone).slice(0, 10)

/** How far a clock may be ahead of UTC, and behind it. */
const [mostAheadHours, mostBehindHours] = [14, 12]

/** The first and the last instant of a day somewhere on earth, in ISO 8601; what is no day stays as it is. */
export function anywhereOn(day: string): { first: string; last: string } {
  const midnight = Date.parse(`${day}T00:00Z`)
  if (Number.isNaN(midnight)) return { first: day, last: day }
  const after = (hours: number) => new Date(midnight + hours * 3_600_000).toISOString()
  return { first: after(-mostAheadHours), last: after(24 + mostBehindHours) }
}

/** The instant at which the clock of `timeZone` shows `local`, in ISO 8601; null when `local` is no date. */
export function fromLocalInput(local: string, timeZone: string): string | null {
  const wall = Date.parse(`${local}Z`)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(local) || Number.isNaN(wall)) return null
  const offsetAt = (instant: number) =>
    Date.parse(`${toLocalInput(new Date(instant).toISOString(), timeZone)}Z`) - instant
  // The offset of the guess may be that of the other side of a clock change; the second one is that of the answer.
  const guess = wall - offsetAt(wall)
  return new Date(wall - offsetAt(guess)).toISOString()
}
