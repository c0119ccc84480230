// Guards that keep an event as its sellers described it.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const events: Mutation[] = [
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
