// Guards that keep prices in one currency from being compared with prices in another.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const prices: Mutation[] = [
  {
    guard: 'prices need a currency',
    away: 'compared as numbers',
    edits: [
      {
        file: 'services/tickets/features/browse-tickets.ts',
        from: "  if (isByPrice && currency === undefined) return eventId === undefined ? refuse('invalid', needsCurrency) : answer([])\n",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/browsing'],
  },
  {
    guard: 'an event’s prices of one currency at a time',
    away: 'the lowest number of all',
    edits: [
      {
        file: 'services/tickets/queries.ts',
        from: "and t.status = 'listed' group by t.currency\n",
        to: "and t.status = 'listed' group by t.currency order by 2 limit 1\n",
      },
    ],
    seenBy: ['tests/journeys/browsing'],
  },
  {
    guard: 'a new ticket joins the page of its own currency',
    away: 'of any',
    edits: [
      {
        file: 'web/app/live/merge-tickets.ts',
        from: 'if (ticket.currency !== (part.currency ?? tickets[0]?.currency ?? ticket.currency)) continue',
        to: '',
      },
    ],
    seenBy: ['web/app/live/merge-tickets'],
  },
]
