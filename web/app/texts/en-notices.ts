// Notices and their mails.

export const notices = {
  title: 'Notices',
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
  unreachableHint:
    'Your address refused our mail, or a mail was reported as spam there. We send nothing to it any more. If it works again, say so; or change it on your account page.',
  worksAgain: 'My address works again',
  reached: 'We will send you mails again, from the next one on.',
  reachedToday: 'You have said so today already. Check your address, and try again tomorrow.',
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
