// What happens in a history. A plan is a pure function of its seed: who does what, when someone waits for a
// response, what breaks. The outcome depends on the services; the attempts do not.

import { type ServiceName, services } from '@aisle/contracts/endpoint'
import type { cards } from '../hosted-page.ts'
import { type Random, randomOf } from './random.ts'

export type Fault = { route: string; kind: string; times: number } & Record<string, string | number>

export type DeliveryOrder = 'created' | 'reversed' | 'shuffled'

export type Action =
  | { do: 'reserve'; ticket: number; buyer: number; sees: boolean } // sends the price it had when it was listed
  | { do: 'list-seat'; ticket: number; seller: number } // lists this ticket's seat once more
  | { do: 'open-page'; order: number }
  | { do: 'submit-card'; order: number; card: keyof typeof cards }
  | { do: 'answer-3ds'; order: number; result: 'complete' | 'fail' }
  | { do: 'come-back'; order: number } // the return page asks for the payment's state
  | { do: 'pay-by-token'; order: number; token: string }
  | { do: 'cancel'; order: number }
  | { do: 'refund'; order: number; part: number } // hundredths of the price; 0 is all that is left
  | { do: 'edit-price'; ticket: number; price: number }
  | { do: 'withdraw'; ticket: number }
  | { do: 'sign-out'; member: number } // and in again, with another session
  | { do: 'ban'; member: number }
  | { do: 'unban'; member: number }
  | { do: 'let-time-pass'; ms: number }
  | { do: 'go-to-end-of-window'; order: number; offsetMs: number }
  | { do: 'deliver-webhooks'; inOrder: DeliveryOrder; times: number; concurrent: boolean; every: number }
  | { do: 'drop-webhooks'; every: number }
  | { do: 'break-provider'; fault: Fault }
  | { do: 'mend-provider' }
  | { do: 'crash'; service: ServiceName; which: 'one' | 'all' } // of its replicas
  | { do: 'restart'; service: ServiceName }

export type Step = Action & {
  /** Whether the next step waits for the response to this one; if not, it starts this many milliseconds later. */
  wait: boolean
  pauseMs: number
  /** The same request twice at once, with one Idempotency-Key: a double click. */
  twice: boolean
}

export type Plan = {
  seed: number
  /** By members: the first two sell, the others buy. */
  tickets: { seller: number; price: number; startsInMs: number | null }[]
  webhooks: 'hold' | 'deliver'
  steps: Step[]
  /** What happens to the webhooks still held at the end. */
  ending: { webhooks: 'deliver' | 'drop'; inOrder: DeliveryOrder; times: number }
}

const windowMs = 900_000

export const sellers = 2
export const buyers = 3
const names: readonly ServiceName[] = services

export function planOf(seed: number): Plan {
  const random = randomOf(seed)
  const tickets = Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, () => ({
    seller: random.below(sellers),
    price: random.pick([50, 900, 4_500, 99_999_999]),
    // Most are for one event in the distant future, some for one that starts during the history.
    startsInMs: random.pick([null, null, null, null, 70_000, 600_000]),
  }))
  const crashes = random.chance(0.35)
  const faults = random.chance(0.5)
  const length = 8 + random.below(15)
  const webhooks = random.chance(0.7) ? 'hold' : 'deliver'
  const course = new Course(random, tickets.length)
  const steps: Step[] = []
  while (steps.length < length) {
    const action = course.next({ crashes, faults, held: webhooks === 'hold' })
    if (!action) continue
    const rival = random.chance(0.12) ? rivalOf(action, random) : null
    if (rival) steps.push({ ...rival, wait: false, pauseMs: 0, twice: false })
    steps.push({
      ...action,
      wait: random.chance(0.55),
      pauseMs: random.pick([0, 0, 0, 2, 5, 10, 25]),
      twice: random.chance(0.06),
    })
  }
  return {
    seed,
    tickets,
    webhooks,
    steps,
    ending: {
      webhooks: random.pick(['deliver', 'drop']),
      inOrder: random.pick(['created', 'reversed', 'shuffled']),
      times: random.pick([1, 1, 2]),
    },
  }
}

/** The same action at the same moment: from another tab, by another buyer. */
function rivalOf(action: Action, random: Random): Action | null {
  switch (action.do) {
    case 'list-seat':
      return { ...action, seller: random.below(sellers) }
    case 'reserve':
      return { ...action, buyer: sellers + random.below(buyers) }
    case 'open-page':
    case 'submit-card':
    case 'come-back':
    case 'pay-by-token':
    case 'cancel':
    case 'refund':
      return action
    default:
      return null
  }
}

/** How far a sale has come if everything went as planned; used only to make most steps sensible. */
type Stage = 'reserved' | 'page' | '3ds' | 'paid' | 'over'
type Sale = { ticket: number; stage: Stage; ageMs: number }

class Course {
  readonly #random: Random
  readonly #tickets: number
  readonly #orders: Sale[] = []
  readonly #gone = new Set<number>()
  readonly #dead: ServiceName[] = []
  readonly #banned: number[] = []
  #broken = false

  constructor(random: Random, tickets: number) {
    this.#random = random
    this.#tickets = tickets
  }

  next({ crashes, faults, held }: { crashes: boolean; faults: boolean; held: boolean }): Action | null {
    const random = this.#random
    const begun = this.#orders.length > 0
    const taken = new Set(this.#orders.filter(({ stage }) => stage !== 'over').map(({ ticket }) => ticket))
    const free = Array.from({ length: this.#tickets }, (_, ticket) => ticket).filter(
      (ticket) => !taken.has(ticket) && !this.#gone.has(ticket),
    )
    const kind = random.weighted({
      reserve: free.length > 0 ? 7 : 0.6,
      buy: begun ? 13 : 0,
      sell: begun ? 1 : 0.3,
      seat: begun ? 0.6 : 0.2,
      person: begun ? 1.2 : 0.1,
      time: begun ? 2.3 : 0.3,
      webhooks: !begun ? 0 : held ? 2.5 : 0.3,
      provider: faults ? (begun ? 4 : 1) : 0,
      crash: crashes ? (begun ? 2.5 : 0.5) : 0,
      restart: this.#dead.length === 0 ? 0 : 5,
    })
    switch (kind) {
      case 'reserve': {
        const ticket = random.chance(0.9) && free.length > 0 ? random.pick(free) : random.below(this.#tickets)
        // If another buyer already has the ticket, it will be refused, so there is no sale to continue.
        if (!taken.has(ticket)) this.#orders.push({ ticket, stage: 'reserved', ageMs: 0 })
        return { do: 'reserve', ticket, buyer: sellers + random.below(buyers), sees: random.chance(0.3) }
      }
      case 'buy':
        return this.#buy()
      case 'sell': {
        const ticket = random.below(this.#tickets)
        if (random.chance(0.8)) return { do: 'edit-price', ticket, price: random.pick([60, 900, 4_500, 7_000]) }
        if (!taken.has(ticket)) this.#gone.add(ticket)
        return { do: 'withdraw', ticket }
      }
      case 'seat':
        return { do: 'list-seat', ticket: random.below(this.#tickets), seller: random.below(sellers) }
      case 'person': {
        const member = random.below(sellers + buyers)
        if (this.#banned.length > 0 && random.chance(0.5)) return { do: 'unban', member: this.#banned.shift()! }
        if (random.chance(0.5)) return { do: 'sign-out', member }
        if (this.#banned.includes(member)) return null
        this.#banned.push(member)
        return { do: 'ban', member }
      }
      case 'time':
        return this.#time()
      case 'webhooks':
        if (random.chance(0.25)) return { do: 'drop-webhooks', every: random.pick([1, 2, 3]) }
        return {
          do: 'deliver-webhooks',
          inOrder: random.pick(['created', 'reversed', 'shuffled']),
          times: random.pick([1, 1, 2, 3]),
          concurrent: random.chance(0.5),
          every: random.pick([1, 1, 2]),
        }
      case 'provider': {
        this.#broken = !(this.#broken && random.chance(0.4))
        return this.#broken ? { do: 'break-provider', fault: faultOf(random) } : { do: 'mend-provider' }
      }
      case 'crash': {
        const service = random.pick(random.chance(0.5) ? (['payments'] as const) : names)
        if (this.#dead.includes(service)) return null
        this.#dead.push(service)
        return { do: 'crash', service, which: random.pick(['one', 'all']) }
      }
      case 'restart':
        return { do: 'restart', service: this.#dead.splice(random.below(this.#dead.length), 1)[0]! }
      default:
        return kind satisfies never
    }
  }

  #buy(): Action {
    const random = this.#random
    // Mostly the newest, and mostly what makes sense for it.
    const live = this.#orders.flatMap(({ stage }, order) => (stage === 'over' ? [] : [order]))
    const order =
      random.chance(0.85) && live.length > 0 ? random.pick([...live, live.at(-1)!]) : random.below(this.#orders.length)
    const sale = this.#orders[order]!
    const stage = random.chance(0.08) ? random.pick(['reserved', 'page', '3ds', 'paid'] as const) : sale.stage
    switch (stage) {
      case 'reserved': {
        const what = random.weighted({ page: 6, token: 3, cancel: 0.7 })
        if (what === 'cancel') return this.#cancel(order)
        if (what === 'page') {
          sale.stage = 'page'
          return { do: 'open-page', order }
        }
        const token = random.weighted({
          visa: 6,
          refundFail: 2,
          pendingRefund: 2,
          bad: 2,
          threeDSecureRequired: 1,
          nobodys: 0.5,
        })
        if (token !== 'bad' && token !== 'threeDSecureRequired' && token !== 'nobodys') sale.stage = 'paid'
        return { do: 'pay-by-token', order, token: `tok_${token === 'bad' ? 'visa_chargeDeclined' : token}` }
      }
      case 'page': {
        const what = random.weighted({ card: 9, again: 1, token: 1, cancel: 0.8, back: 0.7 })
        if (what === 'again') return { do: 'open-page', order }
        if (what === 'token') return { do: 'pay-by-token', order, token: 'tok_visa' }
        if (what === 'cancel') return this.#cancel(order)
        if (what === 'back') return { do: 'come-back', order }
        const card = random.weighted({
          good: 9,
          declined: 2,
          asksFor3ds: 4,
          declinedAfter3ds: 1,
          refundFails: 3,
          refundPends: 3,
        })
        if (card === 'asksFor3ds' || card === 'declinedAfter3ds') sale.stage = '3ds'
        else if (card !== 'declined') sale.stage = 'paid'
        return { do: 'submit-card', order, card }
      }
      case '3ds': {
        if (random.chance(0.12)) return this.#cancel(order)
        const result = random.weighted({ complete: 3, fail: 1 })
        sale.stage = result === 'complete' ? 'paid' : 'page'
        return { do: 'answer-3ds', order, result }
      }
      case 'paid': {
        const what = random.weighted({ back: 5, refund: 5, cancel: 1.5, again: 0.7 })
        if (what === 'back') return { do: 'come-back', order }
        if (what === 'again') return { do: 'open-page', order }
        if (what === 'cancel') return { do: 'cancel', order }
        const part = random.pick([0, 0, 30, 50, 70, 100])
        if (part === 0) sale.stage = 'over'
        return { do: 'refund', order, part }
      }
      case 'over':
        return random.pick([
          { do: 'refund', order, part: random.pick([0, 30]) } as const,
          { do: 'come-back', order } as const,
          { do: 'open-page', order } as const,
        ])
      default:
        return stage satisfies never
    }
  }

  #cancel(order: number): Action {
    this.#orders[order]!.stage = 'over'
    return { do: 'cancel', order }
  }

  #time(): Action {
    const random = this.#random
    const order = this.#orders.length - 1
    if (order < 0 || random.chance(0.75)) {
      const ms = random.pick([500, 1_000, 1_000, 3_000, 6_000, 6_000, 31_000, 62_000, 130_000, 300_000])
      this.#grow(ms)
      return { do: 'let-time-pass', ms }
    }
    const offsetMs = random.pick([-1_000, -1, -1, 0, 1, 1_000])
    this.#grow(Math.max(0, windowMs + offsetMs - this.#orders[order]!.ageMs))
    return { do: 'go-to-end-of-window', order, offsetMs }
  }

  #grow(ms: number): void {
    for (const sale of this.#orders) {
      sale.ageMs += ms
      if (sale.ageMs >= windowMs && sale.stage !== 'paid') sale.stage = 'over'
    }
  }
}

const routes = [
  'payment_intents.create',
  'payment_intents.capture',
  'payment_intents.cancel',
  'payment_intents.retrieve',
  'checkout.sessions.create',
  'checkout.sessions.expire',
  'checkout.sessions.retrieve',
  'refunds.create',
  'refunds.list',
] as const
const pages = ['page.pay', 'page.authenticate'] as const

function faultOf(random: Random): Fault {
  if (random.chance(0.1))
    return { route: random.pick(pages), kind: random.pick(['drop-before', 'drop-after-commit']), times: 1 }
  const route = random.pick(routes)
  // The SDK retries twice: it handles fewer than three failures itself.
  const times = random.pick([1, 2, 3, 3, 4, 7, -1])
  switch (random.weighted({ before: 2, after: 3, error: 2, errorAfter: 2, busy: 1, away: 1, slow: 2, refused: 0.5 })) {
    case 'before':
      return { route, kind: 'drop-before', times }
    case 'after':
      return { route, kind: 'drop-after-commit', times }
    case 'error':
      return { route, kind: 'status', status: 500, times }
    case 'errorAfter':
      return { route, kind: 'status', status: 500, when: 'after', times }
    case 'busy':
      return { route, kind: 'status', status: 429, times }
    case 'away':
      return { route, kind: 'status', status: 503, when: random.pick(['before', 'after']), times }
    case 'slow':
      return { route, kind: 'latency', ms: random.pick([5, 20, 60, 150, 600]), times: 3 }
    // Permanent: the bank does not honour the authorisation, or does not accept the refund.
    case 'refused': {
      const forGood = random.pick(['payment_intents.capture', 'refunds.create'])
      const code = forGood === 'refunds.create' ? 'charge_not_refundable' : 'charge_expired_for_capture'
      return { route: forGood, kind: 'status', status: 400, code, times: 1 }
    }
  }
}
