import type { notices as enNotices } from './en-notices.ts'
export const notices: typeof enNotices = {
  title: 'Mitteilungen',
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
  unreachableHint:
    'Deine Adresse hat unsere E-Mail abgelehnt, oder eine E-Mail wurde dort als Spam gemeldet. Wir senden nichts mehr dorthin. Wenn sie wieder funktioniert, sag es uns; oder ändere sie auf deiner Kontoseite.',
  worksAgain: 'Meine Adresse funktioniert wieder',
  reached: 'Du bekommst wieder E-Mails, ab der nächsten.',
  reachedToday: 'Das hast du heute schon gesagt. Prüfe deine Adresse und versuche es morgen wieder.',
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
