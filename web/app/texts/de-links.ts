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
  forgotTitle: 'Passwort vergessen?',
  forgotBody: 'Nenn uns deine E-Mail-Adresse, und wir schicken dir einen Link für ein neues.',
  sendLink: 'Link senden',
  forgotSent: 'Wenn es mit dieser Adresse ein Konto gibt, ist der Link unterwegs.',
  forgotSentHint: 'Er funktioniert einmal, eine halbe Stunde lang. Nichts da? Sieh im Spam-Ordner nach.',
  backToSignIn: 'Zurück zur Anmeldung',
  resetTitle: 'Neues Passwort wählen',
  resetSubmit: 'Passwort setzen',
  resetting: 'Wird gesetzt',
  resetHint: 'Das meldet dich auf jedem Gerät ab.',
  resetDone: 'Dein Passwort ist geändert.',
  resetDoneHint: 'Du bist überall abgemeldet. Melde dich mit dem neuen an.',
  askAgain: 'Link für ein neues Passwort anfordern',
  undoTitle: 'Neue E-Mail-Adresse zurücknehmen',
  undoBody:
    'Dein Konto bekommt diese Adresse zurück, und alle werden abgemeldet. Dann schicken wir dir einen Link für ein neues Passwort.',
  undo: 'Änderung zurücknehmen',
  undoing: 'Wird zurückgenommen',
  undone: 'Die Änderung ist zurückgenommen.',
  undoneHint:
    'Dein Konto hat wieder diese Adresse, und niemand ist angemeldet. Wir haben dir einen Link für ein neues Passwort geschickt.',
}
