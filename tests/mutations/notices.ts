// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

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
  {
    guard: 'only we can make a return address',
    away: 'its mac is not looked at',
    edits: [
      {
        file: 'services/notices/mail/return-address.ts',
        from: '  if (!timingSafeEqual(Buffer.from(mac.toLowerCase()), Buffer.from(macOf(secret, digits)))) return null\n',
        to: '',
      },
    ],
    seenBy: ['services/notices/mail/return-address', 'tests/mail-bounces'],
  },
  {
    guard: 'a report that is repeated changes nothing',
    away: 'a mail that came back may come back again',
    edits: [
      {
        file: 'services/notices/mail/come-back.ts',
        from: "where notice_id = ${noticeId} and status = 'sent' returning 1`\n        :",
        to: 'where notice_id = ${noticeId} returning 1`\n        :',
      },
    ],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'a report waits until its mail is recorded as sent',
    away: 'it is dropped',
    edits: [
      {
        file: 'services/notices/mail/come-back.ts',
        from: "return retry(new Error('The mail is not recorded as sent yet.'))",
        to: 'return',
      },
    ],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'a mail that is refused for who we are suppresses nobody',
    away: 'whatever came back for good does',
    edits: [
      {
        file: 'services/notices/mail/come-back.ts',
        from: "if (outcome === 'hard' && isDead)",
        to: "if (outcome === 'hard')",
      },
    ],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'only what was sent after an address worked again suppresses it',
    away: 'what was sent before does, too',
    edits: [{ file: 'services/notices/suppressions.ts', from: ' and s.lifted_at < ${sentAt}', to: '' }],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'a complaint counts once',
    away: 'the same one again ends that kind of mail again',
    edits: [{ file: 'services/notices/mail/come-back.ts', from: ' and complained_at is null', to: '' }],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'a webhook about a stranger suppresses nobody',
    away: 'it suppresses the address',
    edits: [
      {
        file: 'services/notices/mail/come-back.ts',
        from: '  if (!row) return\n',
        to: "  if (!row) {\n    if (data.addressMac) await suppress(db.sql, { mac: Buffer.from(data.addressMac, 'hex'), reason: 'refused' }, { sentAt: askedAt, at: askedAt })\n    return\n  }\n",
      },
    ],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'a webhook of the mail provider is signed',
    away: "anyone's is believed",
    edits: [{ file: 'services/notices/mail/webhook.ts', from: 'return isSigned ? id : null', to: 'return id' }],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'a captured webhook is too old after five minutes',
    away: 'it is as good as new for ever',
    edits: [
      {
        file: 'services/notices/mail/webhook.ts',
        from: '  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return null\n',
        to: '',
      },
    ],
    seenBy: ['tests/mail-bounces'],
  },
  {
    guard: 'an address works again once a day',
    away: 'as often as its owner says so',
    edits: [
      {
        file: 'services/notices/features/reach-again.ts',
        from: 'if (waitMs > 0)',
        to: 'if (waitMs > Number.POSITIVE_INFINITY)',
      },
    ],
    seenBy: ['tests/journeys/reachable'],
  },
  {
    guard: 'only its owner ends what a complaint has begun',
    away: 'whoever claims the address does',
    edits: [
      {
        file: 'services/notices/features/reach-again.ts',
        from: "if (suppression.reason === 'complained' && !own.isConfirmed)",
        to: "if (suppression.reason === 'complained' && !own)",
      },
    ],
    seenBy: ['tests/journeys/reachable'],
  },
]
