import type { mailbox as enMailbox } from './en-mailbox.ts'

export const mailbox: typeof enMailbox = {
  title: 'Entwicklungspostfach',
  hint: 'Jede Mail, die dieser Marktplatz gesendet hätte. Wenn MAIL_URL einen Mailserver nennt, gehen Mails dorthin, und diese Seite gibt es nicht.',
  to: 'An',
  find: 'Suchen',
  none: 'Keine Mails',
  noneHint: 'Registriere dich oder kaufe ein Ticket, und die Mail erscheint hier.',
  html: 'Wie ein Mailprogramm sie zeigt',
  text: 'Als Text',
  headers: 'Kopfzeilen',
}
