import type { Labels } from './format.ts'
import type { Texts } from './texts.ts'

export const labels: Labels = {
  event: 'Veranstaltung',
  venue: 'Spielstätte',
  starts: 'Beginn',
  seat: 'Platz',
  ticket: 'Ticket',
}

const order = 'Bestellung'
const price = 'Preis'
const device = 'Gerät'
const time = 'Zeit'
const numbered = (number: string | null | undefined): [string, string][] => (number ? [[order, number]] : [])
const orderPath = (id: string | null | undefined) => (id ? `/orders/${id}` : '/my-tickets')

/** Why an order ended without a sale. */
const ends: Record<string, string> = {
  'ticket-unavailable': 'Das Ticket ist nicht mehr verfügbar.',
  'price-changed': 'Der Preis wurde geändert, bevor deine Reservierung fertig war.',
  'payment-failed': 'Die Zahlung kam nicht zustande.',
  'event-begun': 'Die Veranstaltung hat begonnen.',
  'seller-banned': 'Das Konto, das verkauft hat, ist gesperrt.',
  admin: 'Wir haben sie storniert. Die Seite der Bestellung nennt den Grund.',
}

/** What happened to the security of an account. */
const secured: Record<string, [title: string, text: string]> = {
  'new-device': [
    'Neue Anmeldung bei deinem Konto',
    'Bei deinem Konto hat sich ein Gerät angemeldet, das wir noch nicht kannten.',
  ],
  'password-changed': [
    'Dein Passwort wurde geändert',
    'Das Passwort deines Kontos wurde geändert. Alle anderen Geräte wurden abgemeldet.',
  ],
  'password-reset': [
    'Du hast ein neues Passwort',
    'Über einen Link aus einer Mail wurde ein neues Passwort gesetzt. Alle Geräte wurden abgemeldet.',
  ],
  'address-changed': ['Deine E-Mail-Adresse wurde geändert', 'Dein Konto hat jetzt eine andere E-Mail-Adresse.'],
  'address-restored': [
    'Deine E-Mail-Adresse ist wieder die alte',
    'Die Änderung deiner E-Mail-Adresse wurde rückgängig gemacht. Alle Geräte wurden abgemeldet.',
  ],
  'passkey-added': [
    'Ein Passkey wurde hinzugefügt',
    'Mit einem weiteren Passkey kann man sich jetzt bei deinem Konto anmelden.',
  ],
  'passkey-removed': ['Ein Passkey wurde entfernt', 'Ein Passkey deines Kontos wurde entfernt.'],
  'authenticator-added': [
    'Zum Anmelden braucht es jetzt einen Code',
    'Eine Authenticator-App wurde mit deinem Konto verbunden.',
  ],
  'authenticator-removed': [
    'Zum Anmelden braucht es keinen Code mehr',
    'Die Authenticator-App wurde von deinem Konto getrennt.',
  ],
  'recovery-codes-made': [
    'Neue Wiederherstellungscodes',
    'Es gibt neue Wiederherstellungscodes. Die alten gelten nicht mehr.',
  ],
  'recovery-code-used': [
    'Ein Wiederherstellungscode wurde benutzt',
    'Ein Wiederherstellungscode deines Kontos wurde benutzt. Er geht nicht noch einmal.',
  ],
  banned: [
    'Dein Konto wurde gesperrt',
    'Du kannst dich nicht mehr anmelden. Deine Angebote sind nicht mehr im Verkauf, und deine unbezahlten Bestellungen wurden storniert. Gekaufte Tickets bleiben deine. Wenn du das für einen Irrtum hältst, schreib uns.',
  ],
  'erasure-refused': [
    'Dein Konto wurde nicht gelöscht',
    'Jemand, der angemeldet war, wollte dein Konto löschen. Eine Bestellung oder Geld steht dem im Weg, deshalb wurde nichts gelöscht. Deine Kontoseite sagt, was es ist.',
  ],
  unbanned: ['Dein Konto ist wieder offen', 'Du kannst dich wieder anmelden.'],
}
const notMe =
  'Wenn du das nicht warst, ändere jetzt dein Passwort und melde auf deiner Kontoseite alle anderen Geräte ab.'

export const de: Texts = {
  greeting: (name) => (name ? `Hallo ${name},` : 'Hallo,'),
  because: 'Du bekommst diese Mail wegen deines Kontos bei Aisle.',
  choose: 'Auswählen, was du per Mail bekommst',
  unsubscribe: 'Mails dieser Art abbestellen',
  linkBelow: 'Wenn der Knopf nicht funktioniert, kopiere diese Adresse in deinen Browser:',
  kinds: {
    'confirm-address': 'Deine Adresse bestätigen',
    'change-address': 'Deine neue Adresse bestätigen',
    'undo-address': 'Eine Adressänderung rückgängig machen',
    'reset-password': 'Ein neues Passwort wählen',
    'known-address': 'Eine Registrierung mit deiner Adresse',
    erased: 'Dein Konto wurde gelöscht',
    secured: 'Änderungen an der Sicherheit deines Kontos',
    reserved: 'Ein Ticket ist für dich reserviert',
    expired: 'Deine Zeit zum Bezahlen ist abgelaufen',
    'order-ended': 'Eine Bestellung endete ohne Kauf',
    bought: 'Du hast ein Ticket gekauft',
    sold: 'Du hast ein Ticket verkauft',
    'money-back': 'Geld zurück',
    'money-back-failed': 'Rückzahlung fehlgeschlagen',
    'sale-refunded': 'Ein Käufer von dir bekam Geld zurück',
    'sale-restored': 'Die Rückzahlung eines Verkaufs schlug fehl',
    'taken-down': 'Ein Angebot von dir wurde entfernt',
  },
  say: {
    'confirm-address': ({ token, expiresAt }, { moment }) => ({
      title: 'Bestätige deine E-Mail-Adresse',
      text: 'Drücke den Knopf, um zu bestätigen, dass diese Adresse deine ist. Dann kannst du Tickets verkaufen, mehr als eines reservieren und bekommst Mails zu deinen Bestellungen.',
      more: [
        `Der Link gilt einmal, bis ${moment(expiresAt ?? '')}. Wenn du dich nicht bei Aisle registriert hast, ignoriere diese Mail.`,
      ],
      action: { text: 'Adresse bestätigen', path: `/confirm/${token}` },
    }),
    'change-address': ({ token, expiresAt }, { moment }) => ({
      title: 'Bestätige deine neue E-Mail-Adresse',
      text: 'Drücke den Knopf, um diese Adresse für dein Konto bei Aisle zu verwenden. Bis dahin bleibt die alte.',
      more: [`Der Link gilt einmal, bis ${moment(expiresAt ?? '')}. Wenn du das nicht wolltest, ignoriere diese Mail.`],
      action: { text: 'Diese Adresse verwenden', path: `/confirm/${token}` },
    }),
    'undo-address': ({ token, expiresAt }, { moment }) => ({
      title: 'Deine E-Mail-Adresse wurde geändert',
      text: 'Dein Konto bei Aisle hat jetzt eine andere E-Mail-Adresse. Wenn du das nicht warst, mach es rückgängig: Die alte Adresse gilt wieder, alle Geräte werden abgemeldet, und du bekommst einen Link für ein neues Passwort.',
      more: [`Der Link gilt bis ${moment(expiresAt ?? '')}.`],
      action: { text: 'Änderung rückgängig machen', path: `/undo/${token}` },
    }),
    'reset-password': ({ token, expiresAt }, { moment }) => ({
      title: 'Wähle ein neues Passwort',
      text: 'Jemand möchte ein neues Passwort für dein Konto bei Aisle. Wenn du das warst, drücke den Knopf.',
      more: [
        `Der Link gilt einmal, bis ${moment(expiresAt ?? '')}. Wenn du das nicht warst, ignoriere diese Mail: Dein Passwort bleibt, wie es ist.`,
      ],
      action: { text: 'Neues Passwort wählen', path: `/reset/${token}` },
    }),
    'known-address': () => ({
      title: 'Du hast schon ein Konto',
      text: 'Jemand hat sich bei Aisle mit dieser Adresse registriert. Sie gehört schon zu deinem Konto. An deinem Konto hat sich nichts geändert.',
      more: ['Wenn du das warst: Melde dich an oder wähle ein neues Passwort. Wenn nicht, ignoriere diese Mail.'],
      action: { text: 'Anmelden', path: '/sign-in' },
    }),
    erased: () => ({
      title: 'Dein Konto wurde gelöscht',
      text: 'Dein Konto bei Aisle und was wir über dich wussten, ist gelöscht. Deine Bestellungen und Verkäufe bleiben unter einer Nummer, die niemanden nennt: Die andere Seite braucht sie, und das Gesetz verlangt, dass wir unsere Bücher aufbewahren.',
      more: [
        'Das ist die letzte Mail, und wir behalten diese Adresse nicht länger. Wenn du das nicht warst, schreib uns.',
      ],
    }),
    secured: ({ what = '', device: name, at = '' }, { moment }) => {
      const [title, text] = secured[what] ?? ['Dein Konto', 'An der Sicherheit deines Kontos hat sich etwas geändert.']
      const facts: [string, string][] = [[time, moment(at)], ...(name ? [[device, name] as [string, string]] : [])]
      if (what === 'banned') return { title, text, facts }
      return { title, text, more: [notMe], facts, action: { text: 'Konto öffnen', path: '/account' } }
    },
    reserved: ({ orderNumber, ticket, expiresAt = '', orderId }, { event, moment, money, ticket: rows }) => ({
      title: `Für dich reserviert: ${event(ticket)}`,
      text: `Das Ticket gehört bis ${moment(expiresAt, ticket?.event?.timeZone)} dir allein. Bezahle vorher, um es zu behalten.`,
      facts: [
        ...numbered(orderNumber),
        ...rows(ticket),
        ...(ticket ? [[price, money(ticket.price, ticket.currency)] as [string, string]] : []),
      ],
      action: { text: 'Bestellung ansehen', path: orderPath(orderId) },
    }),
    expired: ({ orderNumber, ticket, orderId }, { event, ticket: rows }) => ({
      title: `Deine Zeit ist abgelaufen: ${event(ticket)}`,
      text: 'Die Zeit zum Bezahlen war abgelaufen, bevor deine Zahlung ankam. Es wurde nichts abgebucht. Wenn das Ticket noch da ist, kannst du es wieder reservieren.',
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Bestellung ansehen', path: orderPath(orderId) },
    }),
    'order-ended': ({ orderNumber, ticket, reason = '', orderId }, { event, ticket: rows }) => ({
      title: `Kein Kauf, keine Abbuchung: ${event(ticket)}`,
      text: `Deine Bestellung endete ohne Kauf, und es wurde nichts abgebucht. ${ends[reason] ?? ''}`.trim(),
      more: ['Wenn deine Bank einen vorgemerkten Betrag zeigt, verschwindet er in einigen Tagen.'],
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Bestellung ansehen', path: orderPath(orderId) },
    }),
    bought: ({ orderNumber, ticket, orderId }, { event, money, ticket: rows }) => ({
      title: `Dein Ticket: ${event(ticket)}`,
      text: 'Du hast dieses Ticket gekauft, und es ist bezahlt. Das ist deine Quittung.',
      more: [
        'Die Seite deiner Bestellung zeigt das Ticket und alles, was damit geschieht. Wenn du Geld zurückbekommst, erfährst du es per Mail.',
      ],
      facts: [
        ...numbered(orderNumber),
        ...rows(ticket),
        ...(ticket ? [['Bezahlt', money(ticket.price, ticket.currency)] as [string, string]] : []),
      ],
      action: { text: 'Bestellung ansehen', path: orderPath(orderId) },
    }),
    sold: ({ orderNumber, ticket }, { event, money, ticket: rows }) => ({
      title: `Verkauft: ${event(ticket)}`,
      text: 'Dein Ticket ist verkauft und bezahlt.',
      more: [
        'Das Geld ist in deinem Guthaben, abzüglich der Gebühr des Marktplatzes. Deine Verkaufsseite zeigt beides.',
      ],
      facts: [
        ...numbered(orderNumber),
        ...rows(ticket),
        ...(ticket ? [[price, money(ticket.price, ticket.currency)] as [string, string]] : []),
      ],
      action: { text: 'Verkäufe ansehen', path: '/my-tickets/selling' },
    }),
    'money-back': ({ orderNumber, ticket, amount = 0, currency = 'eur', orderId }, { event, money, ticket: rows }) => ({
      title: `Geld zurück: ${event(ticket)}`,
      text:
        ticket && amount < ticket.price
          ? `Bisher wurden ${money(amount, currency)} deiner Zahlung zurückgezahlt. Das Geld kommt auf dem Weg zu dir, auf dem du bezahlt hast, meist in 5 bis 10 Tagen.`
          : `Wir haben dir ${money(amount, currency)} zurückgezahlt, also alles. Das Geld kommt auf dem Weg zu dir, auf dem du bezahlt hast, meist in 5 bis 10 Tagen.`,
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Bestellung ansehen', path: orderPath(orderId) },
    }),
    'money-back-failed': ({ orderNumber, ticket, orderId }, { event, ticket: rows }) => ({
      title: `Deine Rückzahlung kam nicht an: ${event(ticket)}`,
      text: 'Deine Bank hat das Geld zurückgegeben, das wir dir zurückgezahlt haben. Es ist bei uns, und wir finden einen anderen Weg zu dir. Du musst jetzt nichts tun.',
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Bestellung ansehen', path: orderPath(orderId) },
    }),
    'sale-refunded': ({ orderNumber, ticket, amount = 0, currency = 'eur' }, { event, money, ticket: rows }) => ({
      title: `Geld zurück an deinen Käufer: ${event(ticket)}`,
      text: `Bisher wurden ${money(amount, currency)} dieses Verkaufs zurückgezahlt. Dein Guthaben ist um diesen Betrag kleiner.`,
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Verkäufe ansehen', path: '/my-tickets/selling' },
    }),
    'sale-restored': ({ orderNumber, ticket }, { event, ticket: rows }) => ({
      title: `Eine Rückzahlung schlug fehl: ${event(ticket)}`,
      text: 'Die Rückzahlung an deinen Käufer schlug fehl, und das Geld kam zu uns zurück. Deine Verkaufsseite zeigt, was das für dein Guthaben bedeutet.',
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Verkäufe ansehen', path: '/my-tickets/selling' },
    }),
    'taken-down': ({ title = '', ticketId }) => ({
      title: `Entfernt: ${title}`,
      text: 'Wir haben dein Angebot aus dem Verkauf genommen. Die Seite des Tickets nennt den Grund. Wenn du die Entscheidung für falsch hältst, schreib uns.',
      action: { text: 'Grund lesen', path: `/tickets/${ticketId}` },
    }),
  },
}
