// notices: tells people what happened to their orders, their money and their accounts, in the product and by mail.
// Decides nothing.

import { defineService } from '@aisle/kit/boot/service'
import { ConfigError } from '@aisle/kit/config'
import { config, type Parts } from './context.ts'
import { chooseMail, myMail, unsubscribe } from './features/choose-mail.ts'
import { hearLinks, hearSecurity } from './features/hear-accounts.ts'
import { hearOrders, hearPayments } from './features/hear-orders.ts'
import { hearTakedowns } from './features/hear-tickets.ts'
import { keepContact, keepKeys } from './features/keep-contacts.ts'
import { noticesOfOrder } from './features/notices-of-order.ts'
import { mailbox, mailboxMail } from './features/show-mailbox.ts'
import { liveNotices, myNotices, readNotices } from './features/show-notices.ts'
import { forgetNotices } from './forget.ts'
import { createGate } from './mail/gate.ts'
import { sendMails } from './mail/send.ts'
import { mailboxTransport, smtpTransport } from './mail/transport.ts'

export const notices = defineService<typeof config, Parts>({
  name: 'notices',
  description: 'What people are told, in the product and by mail.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts(service, closers) {
    const { MAIL_URL, MAIL_FROM, MAIL_CONNECTIONS, ENVIRONMENT } = service.config
    if (MAIL_URL === 'mailbox:' && ENVIRONMENT !== 'development')
      throw new ConfigError(
        `MAIL_URL is mailbox:, which everybody can read, and ENVIRONMENT is ${ENVIRONMENT}. Set MAIL_URL to the SMTP server that sends your mails.`,
      )
    const transport =
      MAIL_URL === 'mailbox:' ? mailboxTransport(service) : smtpTransport(MAIL_URL, MAIL_FROM, MAIL_CONNECTIONS)
    closers.push(async () => transport.close())
    const [row] = await service.db.sql<[{ at: Date }]>`select at from beginning`
    return { transport, gate: createGate(MAIL_CONNECTIONS), beginning: row.at }
  },
  routes: [myNotices, readNotices, liveNotices, myMail, chooseMail, unsubscribe, noticesOfOrder, mailbox, mailboxMail],
  topicsOf: ({ subject }) => [subject],
  reactions: [...keepKeys, keepContact, hearLinks, hearSecurity, ...hearOrders, ...hearPayments, hearTakedowns],
  work: sendMails,
  jobs: [forgetNotices],
})
