// A deterministic on-sale day, second by second: buyers arrive, wait to be admitted, reserve, and either pay
// through a rate-limited provider or let their window run out. It computes the load on each part;
// bench/simulate.ts turns that into machines.

/** The arrivals of a day's buyers: shares of them, and the seconds over which each share arrives evenly. */
const arrivals = [
  { share: 0.1, seconds: 60 },
  { share: 0.4, seconds: 59 * 60 },
  { share: 0.5, seconds: 23 * 3_600 },
]
const ticketsPerBuyer = 0.5
export const readsPerBuyer = 10
/** One attempt is lost to a rival. */
export const triesPerReservation = 2
const paySeconds = 120
const windowSeconds = 900
const payingShare = 0.8
/** To authorise and to capture. */
const callsPerSale = 2
/** services/payments/stripe/pace.ts: a fifth of the limit is for bursts. */
const sustainedShare = 0.8
const daysAtMost = 7

export type OnSale = {
  buyers: number
  /** Calls that the provider accepts per second. */
  callsPerSecond: number
  /** Buyers admitted from the waiting room per second; without it all at once. */
  admittedPerSecond?: number
}

/** The load of a day, per second at its peak unless stated otherwise. */
export type Asked = {
  arrivals: number
  reservations: number
  sales: number
  calls: number
  /** The longest wait, in seconds. */
  inWaitingRoom: number
  forProvider: number
  /** Reservations held at the same time. */
  held: number
  sold: number
  /** Seconds until the median and the last ticket is sold. */
  halfSoldAfter: number
  soldAfter: number
}

/** A queue of people, by the second at which they arrived. */
function createLine() {
  const cohorts: { since: number; count: number }[] = []
  let first = 0
  let longest = 0
  let length = 0
  return {
    join(since: number, count: number) {
      if (count > 0) cohorts.push({ since, count })
      length += count
    },
    /** Serves at most `count`; returns how many. */
    serve(now: number, count: number): number {
      let left = Math.min(count, length)
      const served = left
      length -= served
      while (left > 0) {
        const cohort = cohorts[first]!
        const taken = Math.min(left, cohort.count)
        longest = Math.max(longest, now - cohort.since)
        cohort.count -= taken
        left -= taken
        if (cohort.count === 0) first++
      }
      return served
    },
    length: () => length,
    longest: () => longest,
  }
}

export function simulate({ buyers, callsPerSecond, admittedPerSecond = Number.POSITIVE_INFINITY }: OnSale): Asked {
  const room = createLine()
  const provider = createLine()
  /** By the second at which they will pay, and at which they will have lapsed. */
  const paying = new Map<number, number>()
  const lapsing = new Map<number, number>()
  const peak = { arrivals: 0, reservations: 0, sales: 0, calls: 0, held: 0 }
  const soldAt: number[] = []
  let free = Math.round(buyers * ticketsPerBuyer)
  let [arrived, reserved, willPay, held, sold, calls] = [0, 0, 0, 0, 0, 0]
  const raise = (what: keyof typeof peak, value: number) => {
    peak[what] = Math.max(peak[what], value)
  }
  for (let now = 0; now < daysAtMost * 86_400; now++) {
    const came = Math.round(arrivedBy(now + 1) * buyers) - arrived
    arrived += came
    raise('arrivals', came)
    room.join(now, came)

    const lapsed = lapsing.get(now) ?? 0
    free += lapsed
    held -= lapsed
    const admitted = room.serve(now, admittedPerSecond)
    // Buyers who find no free ticket leave.
    const won = Math.min(admitted, free)
    free -= won
    held += won
    raise('reservations', won)
    raise('held', held)
    reserved += won
    const pays = Math.round(reserved * payingShare) - willPay
    willPay += pays
    paying.set(now + paySeconds, pays)
    lapsing.set(now + windowSeconds, won - pays)

    provider.join(now, paying.get(now) ?? 0)
    calls = Math.min(callsPerSecond, calls + callsPerSecond * sustainedShare)
    const sales = provider.serve(now, Math.floor(calls / callsPerSale))
    calls -= sales * callsPerSale
    held -= sales
    sold += sales
    raise('sales', sales)
    raise('calls', sales * callsPerSale)
    soldAt.push(sold)
    if (arrived === buyers && room.length() === 0 && held === 0) break
  }
  const after = (count: number) => soldAt.findIndex((soFar) => soFar >= count) + 1
  return {
    ...peak,
    inWaitingRoom: room.longest(),
    forProvider: provider.longest(),
    sold,
    halfSoldAfter: after(sold / 2),
    soldAfter: after(sold),
  }
}

/** The share of the buyers that has arrived by a second of the day. */
function arrivedBy(second: number): number {
  let from = 0
  let share = 0
  for (const part of arrivals) {
    share += part.share * Math.min(1, Math.max(0, (second - from) / part.seconds))
    from += part.seconds
  }
  return share
}
