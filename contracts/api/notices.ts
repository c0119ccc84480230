// notices: what people are told, in the product and by mail.

import { endpoint } from '../endpoint.ts'
import { MailboxEntry, MailboxMail, MailChoice, Notice, NoticeRecord } from '../entities.ts'
import { Language } from '../messages/auth.ts'
import { closed, Id, paging, Type } from '../schema.ts'

const language = Type.Optional(Language)

export const myNotices = endpoint({
  method: 'GET',
  path: '/api/notices',
  summary: 'Your notices, newest first, and what became of their mails; with `orderId`, those about an order',
  who: 'user',
  query: closed({ orderId: Type.Optional(Id), language, ...paging }),
  success: { status: 200, body: Type.Array(Notice) },
  refusals: [],
  paged: true,
})

const unread = Type.Integer({ minimum: 0, description: 'how many of your notices you have not read' })

export const readNotices = endpoint({
  method: 'POST',
  path: '/api/notices/read',
  summary: 'Mark your notices as read, up to one of them',
  who: 'user',
  body: closed({ upTo: Id }),
  success: { status: 200, body: Type.Object({ unread }) },
  refusals: [],
})

export const liveNotices = endpoint({
  method: 'GET',
  path: '/api/notices/live',
  summary: 'How many of your notices you have not read, now and from now on',
  who: 'user',
  success: { status: 200, body: null },
  stream: { unread: Type.Object({ unread }) },
  refusals: ['too-many-streams'],
})

export const myMail = endpoint({
  method: 'GET',
  path: '/api/notices/mail',
  summary: 'Which mails you can choose to get, and whether we can reach you',
  who: 'user',
  query: closed({ language }),
  success: {
    status: 200,
    body: Type.Object({
      choices: Type.Array(MailChoice),
      reachable: Type.Boolean({
        description: 'false when your address refused our mail, or a mail there was reported as unwanted',
      }),
    }),
  },
  refusals: [],
})

export const chooseMail = endpoint({
  method: 'PATCH',
  path: '/api/notices/mail',
  summary: 'Switch a kind of mail on or off; mails about security and money cannot be switched off',
  who: 'user',
  body: closed({
    kind: Type.String({ maxLength: 40, pattern: '^[a-z-]+$', description: 'one of your choices' }),
    mail: Type.Boolean(),
  }),
  success: { status: 204, body: null },
  refusals: [],
})

export const reachAgain = endpoint({
  method: 'POST',
  path: '/api/notices/mail/reachable',
  summary: 'Say that your address works again, at most once a day: you get mails there again',
  who: 'user',
  success: { status: 204, body: null },
  refusals: ['address-unconfirmed'],
})

export const unsubscribe = endpoint({
  method: 'POST',
  path: '/api/notices/unsubscribe/:token',
  summary: 'End mails of one kind with the link of such a mail (RFC 8058)',
  who: 'anyone',
  params: closed({ token: Type.String({ maxLength: 200, pattern: '^[\\w.-]+$' }) }),
  signed: true,
  success: { status: 204, body: null },
  refusals: ['invalid-link'],
})

export const hearMailProvider = endpoint({
  method: 'POST',
  path: '/api/notices/webhooks/mail',
  summary: 'The mail provider’s webhook about mails that bounced or were complained about, signed as Standard Webhooks',
  who: 'anyone',
  signed: true,
  body: Type.String({ description: 'the raw body: the signature covers its bytes' }),
  success: { status: 200, body: closed({ received: Type.Literal(true) }) },
  refusals: ['bad-signature', 'not-found'],
})

export const noticesOfOrder = endpoint({
  method: 'GET',
  path: '/api/admin/notices',
  summary: 'What was told about an order, to whom, and what became of the mails; oldest first, at most a hundred',
  who: 'admin',
  query: closed({ orderId: Id }),
  success: { status: 200, body: Type.Array(NoticeRecord) },
  refusals: [],
})

export const mailbox = endpoint({
  method: 'GET',
  path: '/api/notices/mailbox',
  summary: 'The newest hundred mails in the development mailbox; with `to`, those to an address',
  who: 'anyone',
  query: closed({
    to: Type.Optional(Type.String({ maxLength: 254, pattern: '^[^\\s\\u0000-\\u001f\\ud800-\\udfff]+$' })),
  }),
  success: { status: 200, body: Type.Array(MailboxEntry) },
  refusals: ['not-found'],
})

export const mailboxMail = endpoint({
  method: 'GET',
  path: '/api/notices/mailbox/:id',
  summary: 'A mail in the development mailbox',
  who: 'anyone',
  params: closed({ id: Id }),
  success: { status: 200, body: MailboxMail },
  refusals: ['not-found'],
})
