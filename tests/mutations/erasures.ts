// Guards of the erasure of accounts.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const erasures: Mutation[] = [
  {
    guard: 'orders agrees to an erasure when nobody is reserving',
    away: 'a reservation that is being made is not waited for',
    edits: [
      {
        file: 'services/orders/features/erase-user.ts',
        from: '    if (!(await tryLockTrade(sql, userId))) return later(askAgainMs)\n',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/erasure'],
  },
  {
    guard: 'a reservation takes turns with the answer to an erasure',
    away: 'it reads the seller without the lock',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: '      lockSellerOf(sql, body.ticketId),\n',
        to: '      Promise.resolve(),\n',
      },
    ],
    seenBy: ['tests/journeys/erasure'],
  },
  {
    guard: 'who is about to be erased reserves nothing',
    away: 'as before',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "    if (ticket.closing === 'buyer') return refuse('account-closing')\n",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/erasure'],
  },
  {
    guard: 'an erased seller lists nothing',
    away: 'as before',
    edits: [
      {
        file: 'services/tickets/sellers.ts',
        from: "  if (seller?.erased) return 'account-closing'\n",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/erasure'],
  },
  {
    guard: 'what an order lets go of is withdrawn when its seller is erased',
    away: 'it is for sale again',
    edits: [
      {
        file: 'services/tickets/features/release-ticket.ts',
        from: '(select banned or erased from users',
        to: '(select banned from users',
      },
    ],
    seenBy: ['tests/late-after-erasure'],
  },
  {
    guard: 'a seller whose ticket is still reserved holds up no other erasure',
    away: 'they are served in turn',
    edits: [
      {
        file: 'services/tickets/erase-tickets.ts',
        from: "(not exists (select from tickets where seller_id = users.id and status = 'reserved')",
        to: '(true',
      },
    ],
    seenBy: ['tests/late-after-erasure'],
  },
  {
    guard: 'addresses of callers that come after an erasure go, too',
    away: 'they stay',
    edits: [{ file: 'kit/boot/prune.ts', from: '  await forgetLateCalls(db)\n', to: '' }],
    seenBy: ['kit/http/audit'],
  },
  {
    guard: 'an erasure needs the answer of every service',
    away: 'the first one decides',
    edits: [{ file: 'services/auth/erasures.ts', from: ' || voters.some((one) => !row.answers[one])', to: '' }],
    seenBy: ['services/auth/erasures'],
  },
  {
    guard: 'an answer to an earlier wish to be erased counts for nothing',
    away: 'it counts',
    edits: [
      {
        file: 'services/auth/erasures.ts',
        from: 'where user_id = ${userId} and version = ${version} and status',
        to: 'where user_id = ${userId} and status',
      },
    ],
    seenBy: ['services/auth/erasures'],
  },
  {
    guard: 'an erasure does not end a ban',
    away: 'who was banned meanwhile is erased',
    edits: [{ file: 'services/auth/erasures.ts', from: ' && !user.bannedAt && user.role', to: ' && user.role' }],
    seenBy: ['services/auth/erasures'],
  },
  {
    guard: 'an erased account is found by nobody',
    away: 'its row is an account like any other',
    edits: [
      {
        file: 'services/auth/queries.ts',
        from: 'where id = ${id} and erased_at is null for update',
        to: 'where id = ${id} for update',
      },
    ],
    seenBy: ['services/auth/erasures'],
  },
  {
    guard: 'nothing that comes late brings an erased user back',
    away: 'tickets takes whatever is newer',
    edits: [
      {
        file: 'services/tickets/features/follow-user.ts',
        from: 'where not u.erased and (',
        to: 'where true and (',
      },
    ],
    seenBy: ['tests/late-after-erasure'],
  },
  {
    guard: 'no address comes back after an erasure',
    away: 'notices keeps the contact that comes late',
    edits: [
      {
        file: 'services/notices/features/keep-contacts.ts',
        from: '    where not exists (select from erased_users where user_id = ${id})\n',
        to: '    where true\n',
      },
    ],
    seenBy: ['tests/late-after-erasure'],
  },
  {
    guard: 'an erased user is told nothing',
    away: 'notices are made as before',
    edits: [
      {
        file: 'services/notices/make-notices.ts',
        from: '      where not exists (select from erased_users e where e.user_id = w.user_id)),',
        to: '),',
      },
    ],
    seenBy: ['tests/late-after-erasure'],
  },
  {
    guard: 'nobody is erased who is due money',
    away: 'a balance does not count',
    edits: [{ file: 'services/payments/erasures.ts', from: 'having sum(due) <> 0', to: 'having false' }],
    seenBy: ['tests/journeys/erasure'],
  },
  {
    guard: 'an erased account resets no guesses at an address that it merely claimed',
    away: 'it does',
    edits: [
      {
        file: 'services/auth/erase-user.ts',
        from: '  if (user.emailNormalized !== null) await forgetGuessesOf',
        to: '  await forgetGuessesOf',
      },
    ],
    seenBy: ['services/auth/erasures'],
  },
  {
    guard: 'an account that is used again is not erased for want of use',
    away: 'it is',
    edits: [
      {
        file: 'services/auth/erasures.ts',
        from: "row.by !== 'unused' || (await isUnused(tx.sql, user, row.askedAt))",
        to: '(await isUnused(tx.sql, user, row.askedAt)) || true',
      },
    ],
    seenBy: ['services/auth/erasures'],
  },
]
