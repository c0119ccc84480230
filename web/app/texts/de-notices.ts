import type { mailbox as enMailbox, notices as enNotices } from './en-notices.ts'
import { plural } from './plural.ts'

const unread = plural('de', { one: '# ungelesene Mitteilung', other: '# ungelesene Mitteilungen' })

export const notices: typeof enNotices = {
  title: 'Mitteilungen',
  unread: (count: number) => unread(count),
  fresh: 'Neu',
  none: 'Noch keine Mitteilungen',
  noneHint: 'Wenn sich bei deinen Bestellungen, deinem Geld oder deinem Konto etwas tut, liest du es hier.',
  readAll: 'Alle als gelesen markieren',
  byMail: 'Per E-Mail',
  byMailHint: 'E-Mails zu deiner Sicherheit und deinem Geld kommen immer. Diese kannst du wählen:',
  mailOn: '(an)',
  mailOff: '(aus)',
  switchOn: 'Einschalten',
  switchOff: 'Ausschalten',
  unreachable: 'Wir erreichen dich nicht per E-Mail',
  unreachableHint: 'Deine Adresse hat unsere letzte E-Mail abgelehnt. Prüfe sie auf deiner Kontoseite.',
  aboutOrder: 'Mitteilungen zu dieser Bestellung',
  status: {
    queued: 'E-Mail ist unterwegs',
    waiting: 'Keine E-Mail, bis deine Adresse bestätigt ist',
    sent: 'E-Mail gesendet',
    deferred: 'E-Mail verzögert; wir versuchen es weiter',
    bounced: 'E-Mail kam zurück',
    suppressed: 'Keine E-Mail',
    'given-up': 'E-Mail konnte nicht gesendet werden',
  },
  unsubscribe: 'Diese E-Mails abbestellen',
  unsubscribeHint:
    'Du bekommst keine E-Mails dieser Art mehr. E-Mails zu deiner Sicherheit und deinem Geld kommen weiter.',
  unsubscribed: 'Du bekommst keine E-Mails dieser Art mehr.',
}

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
