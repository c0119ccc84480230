// Guards that keep one client, one slow neighbour or one broken part from taking everything.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const limits: Mutation[] = [
  {
    guard: 'no wait inside a transaction',
    away: 'a reservation waits for its ticket while it holds a transaction',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: `async (tx, { body, session, now }, { newId, config }: OrdersService) => {
    const { sql } = tx
`,
        to: `async (tx, { body, session, now }, { newId, config, arrivals, db }: OrdersService) => {
    const { sql } = tx
    await arrivals.settled(body.ticketId, () => isKnown(db.sql, body.ticketId))
`,
      },
    ],
    seenBy: ['tests/journeys/neighbours'],
  },
  {
    guard: 'the requests of one client take turns',
    away: 'any number of them are handled at once',
    edits: [
      {
        file: 'kit/http/server.ts',
        from: 'createTurns(options.callsAtOnce)',
        to: 'createTurns(options.callsAtOnce * 1_000_000)',
      },
    ],
    seenBy: ['tests/journeys/neighbours'],
  },
  {
    guard: 'a slow search is cut off',
    away: 'it may take as long as it takes',
    edits: [{ file: 'services/tickets/lists.ts', from: ', statement_timeout: searchMs }', to: ' }' }],
    seenBy: ['services/tickets/lists'],
  },
  {
    guard: 'searches have connections of their own',
    away: 'they use those of everything else',
    edits: [{ file: 'services/tickets/lists.ts', from: 'return await read(searches)', to: 'return await read(sql)' }],
    seenBy: ['services/tickets/lists'],
  },
  {
    guard: 'what the index finds for a search is compared with all of its words',
    away: 'the words that were looked up decide',
    edits: [
      {
        file: 'services/tickets/features/browse-tickets.ts',
        from: '::tsquery and (${matches}) is true`',
        to: '::tsquery`',
      },
    ],
    seenBy: ['services/tickets/features/browse-tickets'],
  },
  {
    guard: 'webhooks with bad signatures are limited',
    away: 'any number is looked at',
    edits: [
      {
        file: 'kit/http/add-route.ts',
        from: 'const badSignaturesPerMinute = 30',
        to: 'const badSignaturesPerMinute = 1_000_000',
      },
    ],
    seenBy: ['tests/journeys/webhooks'],
  },
  {
    guard: 'streams of one process, address and session are limited',
    away: 'any number may be open',
    edits: [
      {
        file: 'kit/http/stream-places.ts',
        from: 'if (limits.some(([key, most]) => most !== null && count(key) >= most)) return null',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/live'],
  },
  {
    guard: 'work that waits for a place is limited in memory',
    away: 'any number is held',
    edits: [
      { file: 'kit/work/worker.ts', from: ' && held.size < heldForEachPlace * places', to: '' },
      {
        file: 'kit/work/worker.ts',
        from: 'Math.max(0, Math.min(claimedAtOnce, heldForEachPlace * places - held.size))',
        to: 'claimedAtOnce',
      },
    ],
    seenBy: ['kit/work/places', 'tests/journeys/slow-provider'],
  },
  {
    guard: 'a process is ready when its own database is',
    away: 'a bus in trouble takes it out of rotation',
    edits: [
      {
        file: 'kit/boot/serve.ts',
        from: "return (await answers(db.sql)) ? null : 'the database cannot be reached'",
        to: "return (await answers(db.sql)) ? busTrouble() : 'the database cannot be reached'",
      },
    ],
    seenBy: ['tests/readiness'],
  },
]
