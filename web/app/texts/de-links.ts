// The pages that links in mails open, and what is said about a mail that was sent.

import type { Texts } from './en.ts'

export const links: Texts['links'] = {
  confirmTitle: 'E-Mail-Adresse bestätigen',
  confirmBody: 'Bestätige mit dem Knopf, dass diese Adresse dir gehört.',
  confirm: 'Adresse bestätigen',
  confirming: 'Wird bestätigt',
  confirmed: 'Deine E-Mail-Adresse ist bestätigt.',
  confirmedHint: 'Du kannst jetzt Tickets verkaufen und mehr als eines reservieren.',
  unconfirmed: 'Bestätige deine E-Mail-Adresse',
  unconfirmedHint:
    'Öffne den Link in der Mail, die wir an diese Adresse geschickt haben. Nichts da? Sieh im Spam-Ordner nach.',
  sendAgain: 'Mail noch einmal senden',
  sending: 'Wird gesendet',
  sent: 'Wir haben die Mail noch einmal gesendet.',
  toAccount: 'Dein Konto',
}
