// Guards that keep money right: the provider, its webhooks, refunds, declined cards.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const payments: Mutation[] = [
  {
    guard: 'a balance counts what is not added up yet',
    away: 'only what has been added up',
    edits: [
      {
        file: 'services/payments/features/show-balance.ts',
        from: 'union all select ${columns} from balance_changes where seller_id = ${session.userId}',
        to: '',
      },
    ],
    seenBy: ['services/payments/jobs/add-up-balances'],
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
        file: 'services/payments/calls/authorize-card.ts',
        from: 'create(request, { idempotencyKey: call.key })',
        to: 'create(request)',
      },
    ],
    seenBy: ['tests/journeys/payment', 'tests/journeys/crash'],
  },
  {
    guard: 'the request, frozen with its key',
    away: "the page's way back is read from the configuration when the call is made",
    edits: [
      {
        file: 'services/payments/calls/open-page.ts',
        from: 'return provider.checkout.sessions.create(request,',
        to: 'return provider.checkout.sessions.create({ ...request, cancel_url: `${config.PUBLIC_URL}/orders` },',
      },
    ],
    seenBy: ['tests/journeys/crash'],
  },
  {
    guard: "the look at the order's mirror when an authorisation is learnt of",
    away: 'the order counts as unknown',
    edits: [
      {
        file: 'services/payments/stripe/apply-provider-state.ts',
        from: 'judge(row, await readOrder(tx.sql, row.orderId), seen)',
        to: 'judge(row, (await readOrder(tx.sql, row.orderId)) && null, seen)',
      },
    ],
    seenBy: ['tests/journeys/payment', 'tests/journeys/hosted-page'],
  },
  {
    guard: 'work is asked for once',
    away: 'its primary key and `on conflict` gone',
    edits: [
      {
        file: 'kit/migrations/0008_work.sql',
        from: 'constraint work_pkey primary key (key),',
        to: '',
      },
      {
        file: 'kit/work/worker.ts',
        from: 'on conflict on constraint work_pkey do nothing',
        to: '',
      },
    ],
    seenBy: ['kit/work/worker', 'tests/journeys/webhooks'],
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
        file: 'services/payments/stripe/judge.ts',
        from: 'intent.amount !== payment.amount || intent.currency !== payment.currency',
        to: 'intent.amount < 0',
      },
    ],
    seenBy: ['tests/journeys/interleavings', 'services/payments/stripe/judge'],
  },
  {
    guard: "a dead worker's work is claimed at once",
    away: 'its lease must end first',
    edits: [
      {
        file: 'kit/work/worker.ts',
        from: 'or (taken_by is not null and ${notTaken(db.sql)})',
        to: '',
      },
    ],
    seenBy: ['kit/work/worker', 'tests/journeys/crash'],
  },
  {
    guard: 'a living worker claims its own lost work again',
    away: 'its lease must end first',
    edits: [
      {
        file: 'kit/work/worker.ts',
        from: 'or (taken_by = ${liveness.worker} and',
        to: 'or (false and',
      },
    ],
    seenBy: ['kit/work/worker', 'tests/journeys/crash'],
  },
  {
    guard: 'a living worker renews the lease of its work',
    away: 'the lease ends while it works',
    edits: [{ file: 'kit/work/worker.ts', from: 'await renewLeases(now)', to: '' }],
    seenBy: ['kit/work/worker'],
  },
  {
    guard: 'work that follows is waited for without the place',
    away: 'within the place',
    edits: [
      {
        file: 'kit/work/worker.ts',
        from: 'following = await run.finally(() => lane.underWay.delete(run))',
        to: 'following = await run.finally(() => lane.underWay.delete(run))\n        await following?.attempted',
      },
    ],
    seenBy: ['kit/work/places'],
  },
  {
    guard: 'work that was refused for good gets another key',
    away: 'its number stays',
    edits: [
      {
        file: 'kit/work/worker.ts',
        from: "and status = 'failed'\n        on conflict",
        to: 'and false\n        on conflict',
      },
    ],
    seenBy: ['kit/work/outcomes'],
  },
  {
    guard: 'calls of the version before are adopted',
    away: 'also those that a living worker has',
    edits: [
      {
        file: 'services/payments/jobs/adopt-calls.ts',
        from: "const pending = sql`status = 'pending' and ${notTaken(sql)}`",
        to: "const pending = sql`status = 'pending'`",
      },
    ],
    seenBy: ['services/payments/jobs/adopt-calls'],
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
    guard: 'the fee goes back with a refund',
    away: 'it stays with the platform',
    edits: [
      {
        file: 'services/payments/ledger.ts',
        from: 'return Math.max(0, Math.floor((payment.fee * (given + amount)) / payment.amount) - feeGiven)',
        to: 'return 0 * Math.max(payment.fee, given, feeGiven, amount)',
      },
    ],
    seenBy: { histories: { from: 7000, count: 40 } },
  },
  {
    guard: 'a webhook that brings news is followed',
    away: 'every webhook is recorded as done when it comes',
    edits: [
      {
        file: 'services/payments/features/hear-provider.ts',
        from: 'const isDone = await isKnown(tx.sql)',
        to: 'const isDone = (await isKnown(tx.sql)) || true',
      },
    ],
    seenBy: ['tests/journeys/webhooks', 'tests/journeys/hosted-page'],
  },
  {
    guard: 'a payment waits for the messages of its order',
    away: 'it is refused at once',
    edits: [{ file: 'services/payments/features/pay-order.ts', from: 'patienceMs / 2)', to: '0)' }],
    seenBy: ['tests/journeys/payment'],
  },
  {
    guard: 'requests that wait for a change end when the service stops',
    away: 'they wait on',
    edits: [{ file: 'kit/bus/arrivals.ts', from: 'isOver: () => isClosed', to: 'isOver: () => false' }],
    seenBy: ['kit/bus/arrivals', 'tests/journeys/waiting'],
  },
]
