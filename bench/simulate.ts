// npm run simulate: the load of on-sale days of several sizes, and the capacity that serves them. The same
// table as in docs/scale.md.

import { type Asked, type OnSale, readsPerBuyer, simulate, triesPerReservation } from './on-sale.ts'

/**
 * From docs/performance.md: the throughput of one Node process, and PostgreSQL beside it, on two cores that
 * also generated the load.
 */
export const measured = {
  /** (a) POST /api/orders, and pgbench with the same writes: the same transaction without our code. */
  reservationsPerSecond: 859,
  writesPerSecond: 1_830,
  /** (e) the first page of a million tickets, for a crowd that shares its readings. */
  readsPerSecond: 4_589,
  /** (c) a rate at which a listener had no more delay than at a tenth of it; not its maximum. */
  messagesPerSecond: 2_000,
  /** (f) CPU time of a whole sale. */
  nodeMsPerSale: 12,
  postgresMsPerSale: 11,
}
/** Counted over 400 sales: what they left in the databases and in PostgreSQL's write-ahead log. */
export const ofASale = {
  messages: 8,
  messagesOfOrders: 4,
  streamKilobytesOfOrders: 2.8,
  kilobytes: 17,
  kilobytesOfOrders: 6.8,
  logKilobytes: 29,
}

/** The rest is headroom, for the unexpected and for a failing machine. */
const usedShare = 0.5

type Day = { name: string; day: OnSale }

const days: readonly Day[] = [
  { name: '1,000 buyers', day: { buyers: 1_000, callsPerSecond: 25 } },
  { name: '100,000 buyers', day: { buyers: 100_000, callsPerSecond: 100 } },
  { name: '10,000,000 buyers', day: { buyers: 10_000_000, callsPerSecond: 100 } },
  {
    name: 'the same, waiting room, 1,250 calls',
    day: { buyers: 10_000_000, callsPerSecond: 1_250, admittedPerSecond: 625 },
  },
  { name: 'the same, all at once, no limit', day: { buyers: 10_000_000, callsPerSecond: 100_000 } },
]

type Figure = [name: string, of: (asked: Asked, day: OnSale) => string]

const figures: readonly Figure[] = [
  ['calls to the provider allowed in a second', (_, { callsPerSecond }) => whole(callsPerSecond)],
  ['tickets sold', ({ sold }) => whole(sold)],
  ['half of them sold after', ({ halfSoldAfter }) => duration(halfSoldAfter)],
  ['the last sold after', ({ soldAfter }) => duration(soldAfter)],
  ['longest wait to be let in', ({ inWaitingRoom }) => duration(inWaitingRoom)],
  ['longest wait for the provider', ({ forProvider }) => duration(forProvider)],
  ['reservations held at once', ({ held }) => whole(held)],
  ['at the peak, a second: buyers who come', ({ arrivals }) => whole(arrivals)],
  ['pages read', (asked) => whole(readsOf(asked))],
  ['reservations tried', (asked) => whole(triesOf(asked))],
  ['sales', ({ sales }) => whole(sales)],
  ['messages', ({ sales }) => whole(sales * ofASale.messages)],
  ['calls to the provider', ({ calls }) => whole(calls)],
  ['replicas of tickets, if nothing is cached', (asked) => many(readsOf(asked), measured.readsPerSecond)],
  ['replicas of orders', (asked) => many(triesOf(asked), measured.reservationsPerSecond)],
  ['cores of Node for the sales', ({ sales }) => many(sales, 1000 / measured.nodeMsPerSale)],
  ['cores of PostgreSQL for the sales', ({ sales }) => many(sales, 1000 / measured.postgresMsPerSale)],
  ['servers for the writes of orders', ({ reservations }) => many(reservations, measured.writesPerSecond)],
  [
    'streams for the messages of orders',
    ({ sales }) => many(sales * ofASale.messagesOfOrders, measured.messagesPerSecond),
  ],
  ['GB on the stream of orders', ({ sold }) => gigabytes(sold * ofASale.streamKilobytesOfOrders)],
  ['GB of rows', ({ sold }) => gigabytes(sold * ofASale.kilobytes)],
  ['of them in orders', ({ sold }) => gigabytes(sold * ofASale.kilobytesOfOrders)],
  ['GB of write-ahead log', ({ sold }) => gigabytes(sold * ofASale.logKilobytes)],
]

const readsOf = ({ arrivals }: Asked) => arrivals * readsPerBuyer
const triesOf = ({ reservations }: Asked) => reservations * triesPerReservation

/** How many units are needed for `asked` per second if one handles `each` per second. */
const many = (asked: number, each: number) => whole(Math.max(1, Math.ceil(asked / (each * usedShare))))
const whole = (value: number) => Math.round(value).toLocaleString('en')
const gigabytes = (kilobytes: number) => (kilobytes / 1_000_000).toLocaleString('en', { maximumSignificantDigits: 2 })
function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}

/** The table of docs/scale.md, line by line. */
export function table(): string[] {
  const simulated = days.map(({ day }) => ({ day, asked: simulate(day) }))
  return [
    ['', ...days.map(({ name }) => name)],
    ['---', ...days.map(() => '---:')],
    ...figures.map(([name, of]) => [name, ...simulated.map(({ asked, day }) => of(asked, day))]),
  ].map((cells) => `| ${cells.join(' | ')} |`)
}

if (import.meta.main) console.log(table().join('\n'))
