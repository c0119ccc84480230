// One history: its steps with the cheap checks after each, then calm, then all invariants.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Ticket } from '@aisle/contracts/entities'
import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { deadLetters, type Part, wrongInBooks, wrongInMessages, wrongInWindows } from '../invariants.ts'
import { listTicket } from '../world.ts'
import { act, type Scene } from './act.ts'
import { calmDown, nothingHeld, passTime, untilQuiet } from './calm.ts'
import { notRefused } from './not-refused.ts'
import { letAllIn, noChanges, type People, wrongInPeople } from './people.ts'
import { type Plan, planOf, type Step } from './plan.ts'
import { wrongInPromises } from './promises.ts'
import type { Theatre } from './theatre.ts'

export type History = {
  seed: number
  wrong: string[]
  lines: string[]
  /** How many of its orders ended in which way. */
  ends: Record<string, number>
  ms: number
}

/**
 * How long to wait for a step that is waited for, in real time. What cannot be answered while something is
 * broken is answered at the end.
 */
const patienceMs = 400
/** Longer than any wait inside the services. */
const answerPatienceMs = 20_000

export async function runHistory(theatre: Theatre, seed: number): Promise<History> {
  const began = performance.now()
  const plan = planOf(seed)
  const lines: string[] = []
  const wrong: string[] = []
  const people = noChanges()
  let ends = {}
  try {
    ends = await live(theatre, plan, people, lines, wrong)
    const sinceXid = await oldestXid(theatre)
    await letAllIn(theatre, people)
    wrong.push(...(await untilQuiet(theatre, sinceXid)))
  } catch (error) {
    wrong.push(`the history broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
  return { seed, wrong, lines, ends, ms: performance.now() - began }
}

/** Every future transaction has this number or a greater one. */
async function oldestXid(theatre: Theatre): Promise<string> {
  const [row] = await theatre.sql('tickets')<
    { xid: string }[]
  >`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`
  return row!.xid
}

async function live(
  theatre: Theatre,
  plan: Plan,
  people: People,
  lines: string[],
  wrong: string[],
): Promise<History['ends']> {
  await theatre.refreshSessions()
  await theatre.sandbox('POST', '/_sandbox/webhooks', { mode: plan.webhooks })
  const sinceXid = await oldestXid(theatre)
  const firstId = idAt(theatre.now())
  const tickets: Ticket[] = []
  const began = theatre.now().getTime()
  const name = `History ${plan.seed}, ${firstId}`
  for (const [index, { seller, price, startsInMs }] of plan.tickets.entries()) {
    const startsAt = startsInMs === null ? '2099-12-01T19:00:00.000Z' : new Date(began + startsInMs).toISOString()
    const event = { name, venue: 'Great Hall', startsAt }
    const seat = { section: 'Stalls', row: 'A', number: String(index + 1) }
    tickets.push(await listTicket(theatre.members[seller]!, { price, event, seat }))
  }
  const listed = tickets.map(({ id }) => id)
  const scene: Scene = { theatre, plan, tickets, listed, sales: [], edits: [], withdrawn: new Set(), people }
  const part: Part = { tickets: listed, sinceXid }
  wrong.push(...(await untilQuiet(theatre, sinceXid)))

  const underWay: Promise<void>[] = []
  const faults: Promise<void>[] = []
  for (const [index, step] of plan.steps.entries()) {
    const { wait, pauseMs, twice, ...action } = step
    const words = `${String(index + 1).padStart(3)} ${wait ? ' ' : '&'} ${JSON.stringify(action)}${twice ? ' twice' : ''}`
    lines[index] = `${words} ...`
    const done = act(scene, step).then(
      (outcome) => {
        lines[index] = `${words} -> ${outcome}`
      },
      (error: unknown) => {
        lines[index] = `${words} -> WRONG`
        wrong.push(`step ${index + 1}: ${error instanceof Error ? error.message : String(error)}`)
      },
    )
    underWay.push(done)
    if (!isAskedOfServices(step)) faults.push(done)
    await (wait ? Promise.race([done, sleep(patienceMs)]) : sleep(pauseMs))
    wrong.push(...(await neverAllowed(theatre, part)).map((what) => `after step ${index + 1}: ${what}`))
  }

  // Faults that would break something again after the calm has begun.
  await Promise.all(faults)
  await calmDown(theatre, plan)
  let unanswered = true
  const allAnswered = Promise.all(underWay).then(() => {
    unanswered = false
  })
  wrong.push(...(await nothingHeld(theatre, part, () => !unanswered)))
  await Promise.race([allAnswered, sleep(answerPatienceMs)])
  if (unanswered) throw new Error('A request was never answered.')
  await passTime(theatre, part)
  wrong.push(...(await nothingHeld(theatre, part, () => true)))
  wrong.push(...(await neverAllowed(theatre, part)))
  wrong.push(...(await wrongInBooks(theatre, part)), ...(await wrongInMessages(theatre, part)))
  wrong.push(...(await wrongInWindows(theatre, part)), ...(await wrongInPromises(scene)))
  wrong.push(...(await wrongInPeople(theatre, people, part)))
  wrong.push(...(await compareMirrors(theatre.sql, firstId)), ...(await deadLetters(theatre)))
  await theatre.advance(130_000)
  await theatre.rest()
  wrong.push(...(await untilQuiet(theatre, sinceXid)))
  wrong.push(...(await compareWithProvider(theatre)))
  return endsOf(theatre, part)
}

/** Whether a service answers it, which may take until the calm; everything else completes at once. */
const isAskedOfServices = (step: Step): boolean =>
  ('order' in step && step.do !== 'go-to-end-of-window') ||
  step.do === 'reserve' ||
  step.do === 'list-seat' ||
  step.do === 'edit-price' ||
  step.do === 'withdraw' ||
  'member' in step

/** What must hold at every moment. */
async function neverAllowed(theatre: Theatre, { tickets }: Part): Promise<string[]> {
  const [doubled, paidTwice, refusable] = await Promise.all([
    theatre.sql('orders')<{ ticketId: string; count: number }[]>`
      select ticket_id, count(*)::int from orders where ticket_id = any(${tickets}::uuid[]) and status <> 'cancelled'
      group by ticket_id having count(*) > 1`,
    theatre.sql('payments')<{ orderId: string; count: number }[]>`
      select order_id, count(*)::int from payments where status in ('captured', 'refunded')
      group by order_id having count(*) > 1`,
    notRefused(theatre, tickets),
  ])
  return [
    ...doubled.map(({ ticketId, count }) => `ticket ${ticketId} has ${count} live orders`),
    ...paidTwice.map(({ orderId, count }) => `order ${orderId} has ${count} captured payments`),
    ...refusable,
  ]
}

async function endsOf(theatre: Theatre, { tickets }: Part): Promise<History['ends']> {
  const rows = await theatre.sql('orders')<{ end: string; count: number }[]>`
    select coalesce(reason, status) as end, count(*)::int from orders where ticket_id = any(${tickets}::uuid[])
    group by 1`
  return Object.fromEntries(rows.map(({ end, count }) => [end, count]))
}

/** What the payments service itself finds when it reconciles its ledger with the provider. */
export async function compareWithProvider({ admin }: Theatre): Promise<string[]> {
  type Comparison = { differences: { paymentId?: string; what: string }[] }
  const { differences } = await admin.expect<Comparison>(200, 'POST', '/api/payments/comparisons')
  return differences.map(({ paymentId, what }) => `the comparison: ${paymentId ?? ''} ${what}`)
}

/** All checks of a world, at its end. */
export async function wrongInAll(theatre: Theatre): Promise<string[]> {
  return [
    ...(await wrongInBooks(theatre)),
    ...(await wrongInWindows(theatre)),
    ...(await wrongInMessages(theatre)),
    ...(await compareMirrors(theatre.sql)),
    ...(await deadLetters(theatre)),
    ...(await compareWithProvider(theatre)),
  ]
}

/** The smallest version 7 id created from this moment on. */
function idAt(moment: Date): string {
  const time = moment.getTime().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}

/** A history for people to read. */
export function inWords({ seed, lines, wrong, ms }: History): string {
  const findings = wrong.map((what) => `  WRONG: ${what}`)
  return [`seed ${seed}, ${Math.round(ms)} ms`, ...lines, ...findings].join('\n')
}
