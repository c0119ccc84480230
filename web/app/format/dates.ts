// Dates are stored in UTC and shown on the venue's clock.

/** `timeZone` if this runtime knows it, else UTC: the API accepts any name of the right form. */
export function knownTimeZone(timeZone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timeZone ?? 'UTC' }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}

// Creating a formatter is a hundred times more expensive than using it, and a runtime knows some 600 zones.
const clocks = new Map<string, Intl.DateTimeFormat>()

/** The clock of `timeZone` at an instant (milliseconds since 1970), as if it were in UTC. */
function wallClock(instant: number, timeZone: string): number {
  let clock = clocks.get(timeZone)
  if (!clock) {
    const two = '2-digit'
    const parts = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const
    clock = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', ...parts })
    clocks.set(timeZone, clock)
  }
  const shown = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000)
}

/** An instant in the format of `<input type="datetime-local">`, on the clock of `timeZone`, to the minute. */
export const toLocalInput = (iso: string, timeZone: string): string =>
  new Date(wallClock(Date.parse(iso), timeZone)).toISOString().slice(0, 16)

/** An instant in ISO 8601 on the clock of `timeZone`, with its offset: `2027-05-08T20:30:00+02:00`. */
export function toOffsetTime(iso: string, timeZone: string): string {
  const instant = Date.parse(iso)
  const wall = wallClock(instant, timeZone)
  const minutes = Math.round((wall - instant) / 60_000)
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
  return `${new Date(wall).toISOString().slice(0, 19)}${offset}`
}

/** The day of an instant on the clock of `timeZone`, in the format of `<input type="date">`. */
export const toLocalDay = (iso: string, timeZone: string): string => toLocalInput(iso, timeZone).slice(0, 10)

/** How far a clock may be ahead of UTC, and behind it. */
const [mostAheadHours, mostBehindHours] = [14, 12]

/** The first and the last instant of a day anywhere on earth, in ISO 8601; an invalid day is returned unchanged. */
export function anywhereOn(day: string): { first: string; last: string } {
  const midnight = Date.parse(`${day}T00:00Z`)
  if (Number.isNaN(midnight)) return { first: day, last: day }
  const after = (hours: number) => new Date(midnight + hours * 3_600_000).toISOString()
  return { first: after(-mostAheadHours), last: after(24 + mostBehindHours) }
}

const dayMs = 86_400_000

/**
 * The instant at which the clock of `timeZone` shows `local`, in ISO 8601; null if `local` is not a date. Like
 * Temporal's "compatible": an ambiguous time is the earlier one, and a skipped time is later by what is
 * skipped.
 */
export function fromLocalInput(local: string, timeZone: string): string | null {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(local) ? Date.parse(`${local}Z`) : Number.NaN
  // Date.parse accepts 30 February as 2 March.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(local)) return null
  // The offsets on either side of a change, since no clock changes twice in two days.
  const candidates = [wall - dayMs, wall + dayMs].map((near) => wall - (wallClock(near, timeZone) - near))
  const shown = candidates.filter((instant) => wallClock(instant, timeZone) === wall)
  return new Date(shown.length > 0 ? Math.min(...shown) : Math.max(...candidates)).toISOString()
}

/** If the clock of `timeZone` skips `local`: the time that `fromLocalInput` makes of it; else null. */
export function skippedTo(local: string, timeZone: string): string | null {
  const instant = fromLocalInput(local, timeZone)
  const shown = instant && toLocalInput(instant, timeZone)
  return shown && !local.startsWith(shown) ? shown : null
}
