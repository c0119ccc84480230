// Notices, their mails, and the development mailbox.

import { plural } from './plural.ts'

const unread = plural('en', { one: '# unread notice', other: '# unread notices' })

export const notices = {
  title: 'Notices',
  unread: (count: number) => unread(count),
  fresh: 'New',
  none: 'No notices yet',
  noneHint: 'When something happens to your orders, your money or your account, you read it here.',
  readAll: 'Mark all as read',
  byMail: 'By mail',
  byMailHint: 'Mails about your security and your money are always sent. These you can choose:',
  mailOn: '(on)',
  mailOff: '(off)',
  switchOn: 'Switch on',
  switchOff: 'Switch off',
  unreachable: 'We cannot reach you by mail',
  unreachableHint: 'Your address refused our last mail. Check it on your account page.',
  aboutOrder: 'Notices about this order',
  status: {
    queued: 'Mail on its way',
    waiting: 'No mail until your address is confirmed',
    sent: 'Mail sent',
    deferred: 'Mail delayed; we keep trying',
    bounced: 'Mail came back',
    suppressed: 'No mail',
    'given-up': 'Mail could not be sent',
  },
  unsubscribe: 'Stop these mails',
  unsubscribeHint: 'You will get no more mails of this kind. Mails about your security and your money are still sent.',
  unsubscribed: 'You will get no more mails of this kind.',
}

export const mailbox = {
  title: 'Development mailbox',
  hint: 'Every mail that this marketplace would have sent. With MAIL_URL set to a mail server, mails go there and this page is gone.',
  to: 'To',
  find: 'Find',
  none: 'No mails',
  noneHint: 'Sign up, or buy a ticket, and the mail appears here.',
  html: 'As a mail program shows it',
  text: 'As text',
  headers: 'Headers',
}
