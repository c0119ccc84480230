import type { mailbox as enMailbox } from './en-mailbox.ts'

export const mailbox: typeof enMailbox = {
  title: 'Entwicklungspostfach',
  hint: 'Jede E-Mail, die dieser Marktplatz gesendet hätte. Wenn MAIL_URL einen Mailserver nennt, gehen E-Mails dorthin, und diese Seite gibt es nicht.',
  to: 'An',
  find: 'Suchen',
  none: 'Keine E-Mails',
  noneHint: 'Registriere dich oder kaufe ein Ticket, und die E-Mail erscheint hier.',
  html: 'Wie ein Mailprogramm sie zeigt',
  text: 'Als Text',
  headers: 'Kopfzeilen',
}
