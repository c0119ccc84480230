// The pages on which a user has their account erased.

import type { erasure as enErasure } from './en-erasure.ts'

export const erasure: typeof enErasure = {
  title: 'Konto löschen',
  goes: 'Was gelöscht wird',
  goesList: [
    'Deine E-Mail-Adresse, dein Name, deine Telefonnummer, dein Passwort und alles, womit du dich anmeldest',
    'Deine Mitteilungen, und welche Mails du wolltest',
    'Deine Angebote: Sie sind dann nicht mehr im Verkauf, und was du in ihre Beschreibung geschrieben hast, ist weg',
    'Die Netzadressen, die wir zu dem notiert haben, was du getan hast',
  ],
  stays: 'Was bleibt, und warum',
  staysList: [
    'Deine Bestellungen, Verkäufe und Zahlungen, unter einer Nummer, die niemanden nennt: Die andere Seite braucht sie, und das Gesetz verlangt, dass wir unsere Bücher aufbewahren.',
    'Ein Protokoll dessen, was getan wurde, unter derselben Nummer, 90 Tage lang.',
    'Nachrichten zwischen unseren Diensten, in denen dein Name steht, etwa eine Woche lang, und unsere Sicherungskopien, bis sie ersetzt sind.',
  ],
  stops: 'Was dem im Weg steht',
  stopsList: [
    'Eine Bestellung oder ein Verkauf, die nicht abgeschlossen sind oder deren Veranstaltung noch nicht vorbei ist',
    'Eine Zahlung oder Erstattung, die unterwegs ist, oder ein Guthaben, das dir zusteht',
  ],
  erase: 'Mein Konto löschen',
  sure: 'Dein Konto endgültig löschen?',
  sureHint: 'Niemand kann es zurückholen, auch wir nicht. Du wirst sofort überall abgemeldet.',
  eraseNow: 'Ja, löschen',
  erasing: 'Wird gelöscht',
  keep: 'Nein, mein Konto behalten',
  asked: 'Wir prüfen, ob noch etwas offen ist.',
  askedHint:
    'Das dauert meist nur einen Augenblick. Wenn dein Konto gelöscht ist, bist du abgemeldet, und eine letzte Mail sagt es dir, falls deine E-Mail-Adresse bestätigt ist.',
  refused: 'Dein Konto wurde nicht gelöscht, weil noch etwas offen ist:',
  reasons: {
    'order-unfinished': 'Du hast eine Bestellung, die nicht abgeschlossen ist.',
    'sale-unfinished': 'Jemand kauft gerade ein Ticket von dir.',
    'event-ahead': 'Die Veranstaltung eines Tickets, das du gekauft hast, ist noch nicht vorbei.',
    'sale-event-ahead': 'Die Veranstaltung eines Tickets, das du verkauft hast, ist noch nicht vorbei.',
    'balance-due': 'Du hast ein Guthaben. Guthaben werden noch nicht automatisch ausgezahlt: Schreib uns.',
    'payment-open': 'Eine Zahlung von dir ist unterwegs.',
    'sale-payment-open': 'Eine Zahlung für ein Ticket von dir ist unterwegs.',
    'refund-open': 'Eine Erstattung an dich ist noch nicht angekommen.',
    'sale-refund-open': 'Eine Erstattung für ein Ticket von dir ist noch nicht angekommen.',
  },
  otherReason: 'Etwas anderes ist nicht abgeschlossen.',
  look: 'Ansehen',
  done: 'Dein Konto ist gelöscht',
  doneHint: 'Du bist überall abgemeldet. War deine E-Mail-Adresse bestätigt, sagt es dir auch eine letzte Mail.',
  home: 'Zur Startseite',
}
