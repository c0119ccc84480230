// npm run mutations: takes one guard after the other away, in a copy of the source tree, and sees which test notices. It fails when one is not missed,
// or is not where it is said to be any more. Prints the table of docs/histories.md.
//
//     npm run mutations                 all of them
//     npm run mutations -- lock         those with `lock` in their name

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Edit = { file: string; from: string; to: string }
type Mutation = {
  guard: string
  away: string
  edits: Edit[]
  /** Test files, or folders, that should notice. */
  seenBy: string[]
}

const mutations: Mutation[] = [
  {
    guard: 'unique index `orders_one_live_per_ticket`',
    away: 'not unique, and its `on conflict` gone',
    edits: [
      {
        file: 'services/orders/migrations/0001_orders.sql',
        from: 'create unique index orders_one_live_per_ticket',
        to: 'create index orders_one_live_per_ticket',
      },
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "on conflict (ticket_id) where status <> 'cancelled' do nothing",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/races'],
  },
  {
    guard: 'no reservation of a ticket whose event has begun',
    away: 'orders reserves it',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "if (hasBegun(ticket, now)) return refuse('event-begun')",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
  {
    guard: 'no payment is accepted once the event has begun',
    away: 'it is, as before',
    edits: [
      {
        file: 'services/orders/order.ts',
        from: "if (hasBegun(order, action.at)) return { move: 'cancelled', reason: 'event-begun' }",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
  {
    guard: 'a window ends when the event begins',
    away: 'it goes on',
    edits: [
      {
        file: 'services/orders/order.ts',
        from: 'event === null ? end : new Date(Math.min(end.getTime(), Date.parse(event.startsAt)))',
        to: 'event === null ? end : end',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
  {
    guard: 'unique index `tickets_one_per_seat`',
    away: 'not unique, and its `on conflict` gone',
    edits: [
      {
        file: 'services/tickets/migrations/0010_one_per_seat.sql',
        from: 'create unique index tickets_one_per_seat',
        to: 'create index tickets_one_per_seat',
      },
      {
        file: 'services/tickets/features/list-ticket.ts',
        from: `    on conflict (event_id, seat_key)
      where seat_key <> '' and refunded_at is null and status in ('listed', 'reserved', 'sold') do nothing`,
        to: '',
      },
    ],
    seenBy: ['tests/journeys/same-seat'],
  },
  {
    guard: "the lock by which a buyer's reservations take turns",
    away: 'they count what they hold at the same time',
    edits: [
      {
        file: 'services/orders/holdings.ts',
        from: 'select pg_advisory_xact_lock(hashtextextended(${`buyer ${buyerId}`}, 0))',
        to: 'select hashtextextended(${`buyer ${buyerId}`}, 0)',
      },
    ],
    seenBy: ['tests/journeys/holding-limits'],
  },
  {
    guard: 'nobody reserves at another price than they saw',
    away: 'the price in the request is not looked at',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: 'if (body.price !== undefined && (body.price !== price || body.currency !== currency))',
        to: 'if (body.price === 0)',
      },
    ],
    seenBy: ['tests/journeys/selling'],
  },
  {
    guard: 'unique index `payments_one_live_per_order`',
    away: 'not unique',
    edits: [
      {
        file: 'services/payments/migrations/0001_payments.sql',
        from: 'create unique index payments_one_live_per_order',
        to: 'create index payments_one_live_per_order',
      },
      {
        file: 'services/payments/migrations/0001_payments.sql',
        from: 'constraint payments_attempt_key unique (order_id, attempt),',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/hosted-page', 'tests/journeys/payment'],
  },
  {
    guard: "row lock of an order's decision",
    away: '`lockOrder` without `for update`',
    edits: [
      {
        file: 'services/orders/queries.ts',
        from: 'select * from orders where id = ${id} for update',
        to: 'select * from orders where id = ${id}',
      },
    ],
    seenBy: ['tests/journeys/races', 'tests/journeys/interleavings', 'tests/journeys/reservation'],
  },
  {
    guard: 'row lock of a payment',
    away: '`lockPayment` without `for update`',
    edits: [
      {
        file: 'services/payments/queries.ts',
        from: 'select * from payments where id = ${id} for update',
        to: 'select * from payments where id = ${id}',
      },
    ],
    seenBy: ['tests/journeys/refund', 'tests/journeys/interleavings'],
  },
  {
    guard: "the provider's idempotency key",
    away: 'cards are authorised without one',
    edits: [
      {
        file: 'services/payments/operations/authorize-card.ts',
        from: 'idempotencyKey: call.key,',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/payment', 'tests/journeys/crash'],
  },
  {
    guard: 'the request, frozen with its key',
    away: "the page's way back is read from the configuration when the call is made",
    edits: [
      {
        file: 'services/payments/operations/open-page.ts',
        from: 'const request = call.params.request as Stripe.Checkout.SessionCreateParams | undefined',
        to: 'const request = { ...(call.params.request as Stripe.Checkout.SessionCreateParams), cancel_url: `${desk.service.config.PUBLIC_URL}/orders/${payment.orderId}` }',
      },
    ],
    seenBy: ['tests/journeys/crash'],
  },
  {
    guard: 'the inbox record',
    away: 'every message is taken for a new one',
    edits: [
      {
        file: 'kit/bus/consumer.ts',
        from: 'on conflict do nothing returning message_id',
        to: 'on conflict (message_id) do update set consumed_at = now() returning message_id',
      },
    ],
    seenBy: ['tests/reactions', 'kit/bus'],
  },
  {
    guard: 'the version check of a mirror',
    away: 'payments takes any news of an order',
    edits: [{ file: 'services/payments/features/follow-order.ts', from: 'where o.version < excluded.version', to: '' }],
    seenBy: ['tests/reactions', 'tests/out-of-order'],
  },
  {
    guard: "the look at the order's mirror when an authorisation is learnt of",
    away: 'the order counts as unknown',
    edits: [
      {
        file: 'services/payments/learn.ts',
        from: 'judge(row, await readOrder(tx.sql, row.orderId), seen)',
        to: 'judge(row, (await readOrder(tx.sql, row.orderId)) && null, seen)',
      },
    ],
    seenBy: ['tests/journeys/payment', 'tests/journeys/hosted-page'],
  },
  {
    guard: "a webhook's id is kept once",
    away: 'its primary key and `on conflict` gone',
    edits: [
      {
        file: 'services/payments/migrations/0002_provider.sql',
        from: 'constraint provider_events_pkey primary key (id),',
        to: '',
      },
      {
        file: 'services/payments/features/hear-provider.ts',
        from: 'on conflict on constraint provider_events_pkey do nothing',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/webhooks'],
  },
  {
    guard: 'the age of a signature',
    away: 'a signature is good for ever',
    edits: [
      {
        file: 'services/payments/features/hear-provider.ts',
        from: 'const toleranceSeconds = 300',
        to: 'const toleranceSeconds = 1e9',
      },
    ],
    seenBy: ['tests/journeys/webhooks'],
  },
  {
    guard: 'refunds never exceed what was captured',
    away: 'pending ones are not counted',
    edits: [
      {
        file: 'services/payments/refunds.ts',
        from: "where payment_id = ${paymentId} and status <> 'failed'",
        to: "where payment_id = ${paymentId} and status = 'succeeded'",
      },
    ],
    seenBy: ['tests/journeys/refund'],
  },
  {
    guard: 'a refund that fails later re-opens',
    away: 'what had succeeded stays so',
    edits: [
      {
        file: 'services/payments/refunds.ts',
        from: "  if (row.status === 'failed' || (row.status",
        to: "  if (row.status !== 'pending' || (row.status",
      },
    ],
    seenBy: ['tests/journeys/interleavings', 'tests/journeys/balance'],
  },
  {
    guard: 'the amount of an authorisation',
    away: 'any amount is taken for the right one',
    edits: [
      {
        file: 'services/payments/judge.ts',
        from: 'intent.amount !== payment.amount || intent.currency !== payment.currency',
        to: 'intent.amount < 0',
      },
    ],
    seenBy: ['tests/journeys/interleavings', 'services/payments/judge'],
  },
  {
    guard: "a dead worker's calls are taken over at once",
    away: 'its lease must end first',
    edits: [
      {
        file: 'services/payments/provider-calls.ts',
        from: 'or (taken_by is not null and ${notTaken(db.sql)})',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/crash'],
  },
  {
    guard: 'a living worker takes its own lost call up again',
    away: 'its lease must end first',
    edits: [
      {
        file: 'services/payments/provider-calls.ts',
        from: 'or (taken_by = ${presence.worker} and',
        to: 'or (false and',
      },
    ],
    seenBy: ['tests/journeys/crash'],
  },
  {
    guard: 'a connection that is lost is thrown away',
    away: "statements run in postgres.js's own pool",
    edits: [
      {
        file: 'kit/db/connect.ts',
        from: 'if (result instanceof Promise) Object.assign(result, { handler: lines.run })',
        to: '',
      },
    ],
    seenBy: ['kit/db/lost-connection'],
  },
  {
    guard: 'replicas read revocations again',
    away: 'what they did not hear they never know',
    edits: [
      { file: 'kit/service.ts', from: 'run: () => sessions.refresh().then(() => 300)', to: 'run: async () => 300' },
    ],
    seenBy: ['services/auth/sessions'],
  },
  {
    guard: 'an ended session is refused',
    away: 'its tokens are looked at alone',
    edits: [{ file: 'kit/session.ts', from: ' || endedUntil.has(session.id)', to: '' }],
    seenBy: ['kit/session', 'tests/journeys/accounts'],
  },
  {
    guard: 'no token is signed for an ended session',
    away: 'whether it has ended is not looked at',
    edits: [
      {
        file: 'services/auth/session-rows.ts',
        from: 'where id = ${id} and ended_at is null returning 1',
        to: 'where id = ${id} returning 1',
      },
    ],
    seenBy: ['services/auth/sessions'],
  },
  {
    guard: 'open streams end with their session',
    away: 'they are asked at the next heartbeat',
    edits: [{ file: 'kit/service.ts', from: 'sessions.onRevoked(opened.recheck)', to: '' }],
    seenBy: ['tests/journeys/accounts'],
  },
  {
    guard: 'a pause between guesses at a password',
    away: 'any number may be made at once',
    edits: [
      {
        file: 'services/auth/password-guesses.ts',
        from: 'where g.next_try_at <= ${now} or g.next_try_at > ${new Date(now.getTime() + longestPauseMs)}',
        to: '',
      },
    ],
    seenBy: ['services/auth/guessing'],
  },
  {
    guard: 'a device that is known has a count of its own',
    away: 'strangers count for everybody',
    edits: [{ file: 'services/auth/password-guesses.ts', from: "const who = device ?? ''", to: "const who = ''" }],
    seenBy: ['services/auth/guessing'],
  },
  {
    guard: 'accounts that an address may make in an hour',
    away: 'they are counted, and any number is made',
    edits: [
      {
        file: 'services/auth/sign-up-counts.ts',
        from: 'where ${isOver} or c.count < ${config.SIGN_UPS_PER_HOUR}',
        to: '',
      },
    ],
    seenBy: ['services/auth/guessing'],
  },
  {
    guard: "who counts a buyer's declined cards takes turns",
    away: 'without the advisory lock',
    edits: [
      {
        file: 'services/payments/declines.ts',
        from: 'for (const key of keys) await tx.sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`',
        to: 'void keys',
      },
    ],
    seenBy: ['tests/journeys/card-testing'],
  },
  {
    guard: 'cards that are under way count as declined',
    away: 'those that have an answer count',
    edits: [
      {
        file: 'services/payments/declines.ts',
        from: 'buyers.length + buyersUnderWay >= perBuyer',
        to: 'buyers.length >= perBuyer',
      },
    ],
    seenBy: ['services/payments/declines', 'tests/journeys/card-testing'],
  },
  {
    guard: 'the window that waits for our queue',
    away: 'payments does not say that it keeps somebody waiting',
    edits: [{ file: 'services/payments/keep-window.ts', from: 'const marginMs = 20_000', to: 'const marginMs = 0' }],
    seenBy: ['tests/journeys/queue'],
  },
  {
    guard: 'row lock of a ticket that its seller changes',
    away: '`lockTicket` without `for update`',
    edits: [
      {
        file: 'services/tickets/queries.ts',
        from: 'select from tickets where id = ${id} for update`',
        to: 'select from tickets where id = ${id}`',
      },
    ],
    seenBy: ['tests/journeys/races'],
  },
  {
    guard: 'an event stays what it is for the seller who joins it',
    away: 'it is found without a lock',
    edits: [{ file: 'services/tickets/find-event.ts', from: 'sql`for key share`)', to: 'sql``)' }],
    seenBy: ['tests/journeys/event-corrections'],
  },
  {
    guard: 'the row lock of a corrected event',
    away: 'it is read without `for update`',
    edits: [
      {
        file: 'services/tickets/correct-event.ts',
        from: 'where id = ${eventId} for update`',
        to: 'where id = ${eventId}`',
      },
    ],
    seenBy: ['tests/journeys/event-corrections'],
  },
  {
    guard: 'an event that others sell tickets for is not corrected',
    away: 'tickets of others do not count',
    edits: [
      {
        file: 'services/tickets/correct-event.ts',
        from: 'if (!isTheirs || tickets.length > mostTickets) return null',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/event-corrections'],
  },
]

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const wanted = process.argv.slice(2)
const chosen = mutations.filter(({ guard }) => wanted.every((word) => guard.includes(word)))
const copy = mkdtempSync(join(tmpdir(), 'aisle-mutations-'))
let survived = 0
try {
  copyTree()
  console.log('| guard | taken away | noticed by |\n|---|---|---|')
  for (const mutation of chosen) {
    const noticed = tryOut(mutation)
    if (!noticed) survived++
    console.log(`| ${mutation.guard} | ${mutation.away} | ${noticed ?? '**nobody**'} |`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
if (survived > 0) console.error(`${survived} of ${chosen.length} guards can be taken away unnoticed.`)
process.exitCode = survived === 0 ? 0 : 1

/** The files as they are now, committed or not, and packages beside them that lead back to this copy and not to the original. */
function copyTree(): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  execFileSync('tar', ['-C', root, '--null', '--ignore-failed-read', '-T', '-', '-cf', join(copy, 'tree.tar')], {
    input: files,
  })
  execFileSync('tar', ['-C', copy, '-xf', join(copy, 'tree.tar')])
  const [from, to] = [join(root, 'node_modules'), join(copy, 'node_modules')]
  mkdirSync(join(to, '@aisle'), { recursive: true })
  for (const name of readdirSync(from)) if (name !== '@aisle') symlinkSync(join(from, name), join(to, name))
  for (const name of readdirSync(join(from, '@aisle')))
    symlinkSync(readlinkSync(join(from, '@aisle', name)), join(to, '@aisle', name))
}

/** The name of the first test that fails without the guard; null when none does. */
function tryOut({ guard, edits, seenBy }: Mutation): string | null {
  const before = new Map(edits.map(({ file }) => [file, readFileSync(join(copy, file), 'utf8')]))
  try {
    for (const { file, from, to } of edits) {
      const text = readFileSync(join(copy, file), 'utf8')
      if (!text.includes(from)) throw new Error(`The guard "${guard}" is not where it was: ${file} has no \`${from}\`.`)
      writeFileSync(
        join(copy, file),
        text.replace(from, () => to),
      )
    }
    const { stderr, status } = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=report.json', '--bail=1', ...seenBy],
      { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    return status === 0 ? null : firstFailure(stderr)
  } finally {
    for (const [file, text] of before) writeFileSync(join(copy, file), text)
  }
}

type Report = {
  testResults: { name: string; message: string; assertionResults: { status: string; fullName: string }[] }[]
}

function firstFailure(errors: string): string {
  const file = join(copy, 'report.json')
  if (!existsSync(file)) throw new Error(`The tests did not run: ${errors.slice(0, 1_000)}`)
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  rmSync(file)
  for (const { name, message, assertionResults } of report.testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed')
    const test = name.split('/').at(-1)
    if (failed) return `${test}: ${failed.fullName}`
    if (message) return `${test}: the books at its end (${message.split('\n')[0]?.slice(0, 80)})`
  }
  throw new Error(`The tests failed for another reason: ${errors.slice(0, 1_000)}`)
}
