// notices: tells people what happened to their orders, their money and their accounts, in the product and by mail.
// Decides nothing.

import { defineService } from '@aisle/kit/boot/service'
import { ConfigError } from '@aisle/kit/config'
import { config, type Parts } from './context.ts'
import { chooseMail, myMail, unsubscribe } from './features/choose-mail.ts'
import { eraseUser } from './features/erase-user.ts'
import { hearLinks, hearRefusedErasures, hearSecurity } from './features/hear-accounts.ts'
import { hearMailProvider } from './features/hear-mail-provider.ts'
import { hearOrders, hearPayments } from './features/hear-orders.ts'
import { hearTakedowns } from './features/hear-tickets.ts'
import { keepContact, keepKeys } from './features/keep-contacts.ts'
import { noticesOfOrder } from './features/notices-of-order.ts'
import { reachAgain } from './features/reach-again.ts'
import { mailbox, mailboxMail } from './features/show-mailbox.ts'
import { liveNotices, myNotices, readNotices } from './features/show-notices.ts'
import { forgetNotices } from './forget.ts'
import { forgetErased } from './forget-erased.ts'
import { holds } from './holds.ts'
import { takeComeBack } from './mail/come-back.ts'
import { createGate } from './mail/gate.ts'
import { startReturnServer } from './mail/return-server.ts'
import { sendMails } from './mail/send.ts'
import { mailboxTransport, smtpTransport } from './mail/transport.ts'
import { createMeters } from './meters.ts'

export const notices = defineService<typeof config, Parts>({
  name: 'notices',
  description: 'What people are told, in the product and by mail.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts(service, closers) {
    const { MAIL_URL, MAIL_FROM, MAIL_CONNECTIONS, MAIL_RETURN, MAIL_RETURN_PORT, ENVIRONMENT } = service.config
    if (MAIL_URL === 'mailbox:' && ENVIRONMENT !== 'development')
      throw new ConfigError(
        `MAIL_URL is mailbox:, which everybody can read, and ENVIRONMENT is ${ENVIRONMENT}. Set MAIL_URL to the SMTP server that sends your mails.`,
      )
    if (MAIL_RETURN_PORT !== undefined && MAIL_RETURN === undefined)
      throw new ConfigError('MAIL_RETURN_PORT is set and MAIL_RETURN is not. Set it to where mails come back to.')
    const transport =
      MAIL_URL === 'mailbox:' ? mailboxTransport(service) : smtpTransport(MAIL_URL, MAIL_FROM, MAIL_CONNECTIONS)
    closers.push(async () => transport.close())
    const [row] = await service.db.sql<[{ at: Date }]>`select at from beginning`
    if (MAIL_RETURN !== undefined && MAIL_RETURN_PORT !== undefined) {
      const { HOST: host, MAIL_SECRET: secret } = service.config
      const options = { host, port: MAIL_RETURN_PORT, secret, base: MAIL_RETURN }
      closers.push(await startReturnServer(options, service))
    }
    const meters = createMeters(service.metrics)
    return { transport, gate: createGate(MAIL_CONNECTIONS), meters, beginning: row.at }
  },
  routes: [
    myNotices,
    readNotices,
    liveNotices,
    myMail,
    chooseMail,
    reachAgain,
    unsubscribe,
    hearMailProvider,
    noticesOfOrder,
    mailbox,
    mailboxMail,
  ],
  topicsOf: ({ subject }) => [subject],
  holds,
  reactions: [
    ...keepKeys,
    keepContact,
    eraseUser,
    hearLinks,
    hearSecurity,
    hearRefusedErasures,
    ...hearOrders,
    ...hearPayments,
    hearTakedowns,
  ],
  work: [...sendMails, takeComeBack],
  jobs: [forgetNotices, forgetErased],
})
