// The pages that links in mails open, and the one that asks for such a mail.

import type { links as en } from './en-links.ts'

export const links: typeof en = {
  confirmTitle: 'E-Mail-Adresse bestätigen',
  confirmBody: 'Bestätige mit dem Knopf, dass diese Adresse dir gehört.',
  confirm: 'Adresse bestätigen',
  confirming: 'Wird bestätigt',
  confirmed: 'Deine E-Mail-Adresse ist bestätigt.',
  confirmedHint: 'Du kannst jetzt Tickets verkaufen und mehr als eines reservieren.',
  sending: 'Wird gesendet',
  toAccount: 'Dein Konto',
  forgotTitle: 'Passwort vergessen?',
  forgotBody: 'Nenn uns deine E-Mail-Adresse, und wir schicken dir einen Link für ein neues.',
  sendLink: 'Link senden',
  forgotSent: 'Wenn es mit dieser Adresse ein Konto gibt, ist der Link unterwegs.',
  forgotSentHint: 'Er funktioniert einmal, eine halbe Stunde lang. Nichts da? Sieh im Spam-Ordner nach.',
  backToSignIn: 'Zurück zur Anmeldung',
  resetTitle: 'Neues Passwort wählen',
  newPassword: 'Neues Passwort',
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
