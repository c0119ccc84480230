// The buyer's remaining time, counted from the seconds the server sent: the browser's clock may be wrong by
// hours.

/** `14:32`; `1:02:03` above an hour. */
export function clockText(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds))
  const pad = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60]
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(left % 60)}` : `${minutes}:${pad(left % 60)}`
}

type Units = { minutes: (count: number) => string; seconds: (count: number) => string }

/** In words: whole minutes from two minutes up, then seconds. */
export function spokenTime(seconds: number, units: Units): string {
  const left = Math.max(0, Math.ceil(seconds))
  return left >= 120 ? units.minutes(Math.floor(left / 60)) : units.seconds(left)
}

export const warningSeconds = 180
const announcedAt = [600, 300, warningSeconds, 60]

/** The mark passed between two readings of the clock, to be announced once; null if none was. */
export function passedMark(before: number, now: number): number | null {
  return announcedAt.findLast((mark) => before > mark && now <= mark) ?? null
}

export const isUrgent = (seconds: number) => seconds <= warningSeconds
