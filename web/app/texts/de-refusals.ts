// Messages for refusals by the API. The API decides; its field names and codes are the keys.

import type { Texts } from './en.ts'

export const fault: Texts['fault'] = {
  email: 'Gib eine E-Mail-Adresse an, wie name@example.com.',
  password: 'Gib 8 bis 128 Zeichen ein.',
  currentPassword: 'Gib dein aktuelles Passwort ein.',
  name: 'Gib einen Namen mit bis zu 80 Zeichen an.',
  phone: 'Gib eine Telefonnummer mit 5 bis 20 Ziffern an, vorn vielleicht ein +.',
  title: 'Sag in bis zu 200 Zeichen, was du verkaufst.',
  price:
    'Gib den Preis als Zahl an, wie 52,50, in der gewählten Währung. Mindestens 0,50 (50 Yen, 3 Kronen), höchstens 999.999,99.',
  currency: 'Wähle eine Währung aus der Liste.',
  description: 'Schreib höchstens 4.000 Zeichen.',
  'event.name': 'Gib den Namen der Veranstaltung an, mit bis zu 200 Zeichen.',
  'event.venue': 'Sag in bis zu 200 Zeichen, wo es ist.',
  'event.city': 'Gib eine Stadt an, mit bis zu 100 Zeichen.',
  'event.startsAt': 'Gib Datum und Uhrzeit an, wie auf dem Ticket.',
  'event.timeZone': 'Wähle die Zeitzone des Orts.',
  'event.kind': 'Wähle eine Art aus der Liste.',
  'seat.section': 'Schreib höchstens 40 Zeichen.',
  'seat.row': 'Schreib höchstens 20 Zeichen.',
  'seat.number': 'Schreib höchstens 20 Zeichen.',
  amount: 'Gib einen Betrag an, der nicht höher ist als der Rest.',
  reason: 'Sag in bis zu 500 Zeichen, warum.',
}

export const refusal: Texts['refusal'] = {
  invalid: 'Etwas im Formular stimmt nicht.',
  'bad-signature': 'Die Anfrage ist nicht gültig.',
  'not-signed-in': 'Melde dich zuerst an.',
  'invalid-credentials': 'E-Mail oder Passwort stimmt nicht.',
  'card-declined': 'Deine Karte wurde abgelehnt. Dir wurde nichts berechnet.',
  forbidden: 'Das gehört dir nicht.',
  'admins-only': 'Das darf nur ein Admin.',
  'own-ticket': 'Das ist dein eigenes Ticket. Du kannst es nicht kaufen.',
  banned: 'Dieses Konto ist geschlossen. Schreib uns, wenn das nicht stimmt.',
  'wrong-password': 'Das aktuelle Passwort stimmt nicht.',
  'cross-origin': 'Das kam von einer anderen Seite, deshalb ist nichts passiert. Versuche es von hier aus.',
  'not-found': 'Hier ist nichts mehr.',
  'method-not-allowed': 'Die Anfrage ist nicht gültig.',
  'email-in-use': 'Mit dieser E-Mail gibt es schon ein Konto. Melde dich stattdessen an.',
  'ticket-taken': 'Jemand war schneller. Dieses Ticket ist reserviert oder verkauft.',
  'event-begun': 'Diese Veranstaltung hat begonnen. Ihre Tickets sind nicht mehr zu verkaufen.',
  'price-changed': 'Der Preis ist nicht der, den du gesehen hast. Sieh ihn dir an, bevor du reservierst.',
  'too-many-orders':
    'Du hast schon so viele unbezahlte Tickets, wie du gleichzeitig halten darfst. Bezahle eins oder lass eins los.',
  'too-many-tickets': 'Du hast schon so viele Tickets für diese Veranstaltung, wie eine Person hier kaufen darf.',
  'seat-listed':
    'Dieser Platz ist hier schon zu verkaufen oder verkauft. Ist es dein eigenes Angebot, bearbeite jenes.',
  'ticket-withdrawn': 'Dieses Ticket ist nicht mehr zu verkaufen.',
  'seller-banned': 'Der Verkäufer dieses Tickets darf nicht mehr verkaufen.',
  'ticket-reserved': 'Jemand hat dieses Ticket reserviert, deshalb lässt es sich jetzt nicht ändern.',
  'ticket-sold': 'Dieses Ticket ist verkauft, deshalb lässt es sich nicht ändern.',
  'order-not-cancellable': 'Zum Abbrechen ist es zu spät: die Zahlung ist angenommen.',
  'order-not-payable': 'Diese Bestellung lässt sich nicht mehr bezahlen. Dir wurde nichts berechnet.',
  'already-paid': 'Diese Bestellung ist schon bezahlt.',
  'payment-in-progress': 'Für diese Bestellung läuft schon eine Zahlung. Warte einen Moment und sieh dann wieder nach.',
  'payment-refused': 'Der Zahlungsanbieter hat diese Zahlung nicht angenommen. Dir wurde nichts berechnet.',
  'not-refundable': 'Diese Zahlung lässt sich um diesen Betrag nicht erstatten.',
  'idempotency-key-in-use': 'Dein erster Versuch läuft noch. Warte einen Moment und sieh dann wieder nach.',
  'stale-version': 'Das hat sich geändert, seit du die Seite geöffnet hast. Sieh es dir noch einmal an.',
  'too-large': 'Das war zu viel Text.',
  'unsupported-media-type': 'Die Anfrage ist nicht gültig.',
  'invalid-token': 'Der Zahlungsanbieter kennt diese Karte nicht.',
  'weak-password':
    'Dieses Passwort ist leicht zu erraten: Viele benutzen es, oder es besteht aus deinem Namen oder deiner Adresse. Wähle ein anderes.',
  'idempotency-key-reused':
    'Dieses Formular wurde schon mit anderem Inhalt geschickt. Sieh dir die Seite noch einmal an und schick es dann.',
  'pay-on-page': 'Karten nimmt nur die Seite unseres Zahlungsanbieters an.',
  'too-many-declines': 'Zu viele Karten wurden abgelehnt. Dir wurde nichts berechnet. Versuche es später wieder.',
  'too-many-requests': 'Das war viel auf einmal. Warte eine Minute und versuche es dann wieder.',
  'too-many-streams':
    'Diese Seite kann gerade nicht aktuell gehalten werden. Lade sie neu, um zu sehen, was sich geändert hat.',
  internal: 'Bei uns ist etwas schiefgegangen. Versuche es gleich noch einmal.',
  unavailable: 'Dieser Teil von Aisle antwortet gerade nicht. Versuche es gleich noch einmal.',
}
