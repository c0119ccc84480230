import type { Mutation } from './mutation.ts'

export const notices: readonly Mutation[] = [
  {
    guard: 'a fact is told once to each person (notices_once)',
    away: 'the constraint is gone, and each message makes a notice',
    edits: [
      {
        file: 'services/notices/migrations/0001_notices.sql',
        from: '  constraint notices_pkey primary key (id),\n  constraint notices_once unique (fact, kind, user_id)\n',
        to: '  constraint notices_pkey primary key (id)\n',
      },
      {
        file: 'services/notices/make-notices.ts',
        from: '      on conflict on constraint notices_once do nothing\n      returning',
        to: '      returning',
      },
    ],
    seenBy: ['tests/notices.property', 'tests/reactions'],
  },
  {
    guard: 'an order is bought once, whatever becomes of its refund',
    away: 'each completion is news',
    edits: [
      {
        file: 'services/notices/features/hear-orders.ts',
        from: 'await makeNotices(tx, service, hear(order, message.data), message)',
        to: 'await makeNotices(tx, service, hear(order, message.data).map((one) => ({ ...one, fact: message.id })), message)',
      },
    ],
    seenBy: ['tests/notices.property'],
  },
  {
    guard: 'a payment and the end of its order see each other',
    away: 'a page that was opened is not noted before its order is known',
    edits: [
      {
        file: 'services/notices/features/hear-orders.ts',
        from: '}, 0, true)',
        to: '}, 0, false)',
      },
    ],
    seenBy: ['tests/notices.property'],
  },
  {
    guard: 'nothing is mailed to an address that is not confirmed',
    away: 'it is mailed',
    edits: [
      {
        file: 'services/notices/mail/send.ts',
        from: "if (sealed === null || !confirmed) return 'unknown'",
        to: "if (sealed === null || confirmed === null) return 'unknown'",
      },
    ],
    seenBy: ['tests/mail'],
  },
  {
    guard: 'a repeated mail has the same Message-ID',
    away: 'each attempt has its own',
    edits: [
      {
        file: 'services/notices/mail/compose.ts',
        from: 'const { id, userId, kind, orderId, orderNumber, ticket, params, madeAt } = notice',
        to: 'const { userId, kind, orderId, orderNumber, ticket, params, madeAt } = notice\n  const id = crypto.randomUUID()',
      },
    ],
    seenBy: ['tests/mail', 'services/notices/mail/compose'],
  },
  {
    guard: 'an address that its server does not know gets no more mail',
    away: 'the next mail is tried',
    edits: [
      {
        file: 'services/notices/mail/send.ts',
        from: 'if (await suppressionOf(db.sql, mac)) return',
        to: 'if ((await suppressionOf(db.sql, mac)) && !mac) return',
      },
    ],
    seenBy: ['tests/mail'],
  },
  {
    guard: 'what is important is mailed first',
    away: 'first come, first served',
    edits: [
      {
        file: 'services/notices/mail/gate.ts',
        from: 'waiting[importances.indexOf(importance)]!.push(go)',
        to: 'waiting[0 * importances.indexOf(importance)]!.push(go)',
      },
    ],
    seenBy: ['services/notices/mail/gate'],
  },
  {
    guard: 'the link of a mail ends one kind for one person',
    away: 'any token does',
    edits: [
      {
        file: 'services/notices/mail/compose.ts',
        from: 'return isOurs ? { userId, kind } : null',
        to: 'return isOurs || mac ? { userId, kind } : null',
      },
    ],
    seenBy: ['services/notices/mail/compose'],
  },
]
