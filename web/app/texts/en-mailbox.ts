// The development mailbox.

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
