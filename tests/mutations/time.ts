// Guards that limit the damage of a wrong clock to half a minute.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const time: Mutation[] = [
  {
    guard: 'the pace of calls is never far ahead of the clock',
    away: 'a row that a wrong clock has written is believed',
    edits: [
      {
        file: 'services/payments/stripe/pace.ts',
        from: 'const furthestAheadMs = 20_000',
        to: 'const furthestAheadMs = 1_000_000_000',
      },
    ],
    seenBy: ['services/payments/stripe/pace'],
  },
  {
    guard: 'work whose next attempt lies too far ahead is done',
    away: 'a wrong clock puts it off for as long as it was ahead',
    edits: [
      {
        file: 'kit/work/worker.ts',
        from: 'or next_try_at > ${after(now, leaseMs + slackMs)}',
        to: 'or next_try_at > ${after(now, 1e12)}',
      },
    ],
    seenBy: ['kit/work/worker', 'tests/journeys/wrong-clock'],
  },
  {
    guard: 'windows made by a clock that was ahead begin again',
    away: 'they last as long as the clock was ahead',
    edits: [
      {
        file: 'services/orders/service.ts',
        from: 'jobs: [resetWindows, forgetSteps, cancelOfBanned, numberOrders]',
        to: 'jobs: [forgetSteps, cancelOfBanned, numberOrders]',
      },
    ],
    seenBy: ['tests/journeys/wrong-clock'],
  },
  {
    guard: 'a payment is decided by the time after the wait for its order',
    away: 'the time is read before the lock',
    edits: [
      {
        file: 'services/orders/features/decide-order.ts',
        from: '  const [asked, order] = await Promise.all([does, lockOrder(tx.sql, orderId)])\n  const now = clock.now()',
        to: '  const now = clock.now()\n  const [asked, order] = await Promise.all([does, lockOrder(tx.sql, orderId)])',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
]
