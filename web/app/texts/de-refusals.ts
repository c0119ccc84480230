// Messages for refusals of the API. The keys are the API's field names and refusal codes.

import type { Texts } from './en.ts'

export const fault: Texts['fault'] = {
  email: 'Gib eine E-Mail-Adresse an, wie name@example.com.',
  password: 'Gib 8 bis 128 Zeichen ein.',
  currentPassword: 'Gib dein aktuelles Passwort ein.',
  name: 'Gib einen Namen mit bis zu 80 Zeichen an.',
  phone: 'Gib eine Telefonnummer mit 5 bis 20 Ziffern an, mit oder ohne + am Anfang.',
  title: 'Beschreib in bis zu 200 Zeichen, was du verkaufst.',
  price:
    'Gib den Preis als Zahl an, wie 52,50, in der gewählten Währung. Mindestens 0,50 (50 Yen, 3 Kronen), höchstens 999.999,99.',
  currency: 'Wähle eine Währung aus der Liste.',
  description: 'Schreib höchstens 4.000 Zeichen.',
  'event.name': 'Gib den Namen der Veranstaltung an, mit bis zu 200 Zeichen.',
  'event.venue': 'Gib die Spielstätte an, mit bis zu 200 Zeichen.',
  'event.city': 'Gib eine Stadt an, mit bis zu 100 Zeichen.',
  'event.startsAt': 'Gib Datum und Uhrzeit an, wie sie auf dem Ticket stehen.',
  'event.timeZone': 'Wähle die Zeitzone der Spielstätte.',
  'event.kind': 'Wähle eine Kategorie aus der Liste.',
  'seat.section': 'Schreib höchstens 40 Zeichen.',
  'seat.row': 'Schreib höchstens 20 Zeichen.',
  'seat.number': 'Schreib höchstens 20 Zeichen.',
  amount: 'Gib einen Betrag an, der nicht höher ist als der Rest.',
  reason: 'Gib einen Grund mit bis zu 500 Zeichen an.',
}

export const refusal: Texts['refusal'] = {
  invalid: 'Etwas im Formular stimmt nicht.',
  'bad-signature': 'Die Anfrage ist nicht gültig.',
  'not-signed-in': 'Melde dich zuerst an.',
  'invalid-credentials': 'E-Mail oder Passwort stimmt nicht.',
  'card-declined': 'Deine Karte wurde abgelehnt. Dir wurde nichts berechnet.',
  forbidden: 'Das gehört zu einem anderen Konto.',
  'admins-only': 'Das darf nur ein Admin.',
  'own-ticket': 'Das ist dein eigenes Ticket. Du kannst es nicht kaufen.',
  banned: 'Dieses Konto ist geschlossen.',
  'wrong-password': 'Das aktuelle Passwort stimmt nicht.',
  'cross-origin': 'Diese Anfrage kam von einer anderen Website, deshalb ist nichts passiert. Versuche es von hier aus.',
  'not-found': 'Das gibt es nicht mehr.',
  'method-not-allowed': 'Die Anfrage ist nicht gültig.',
  'email-in-use': 'Mit dieser E-Mail gibt es schon ein Konto. Melde dich stattdessen an.',
  'ticket-taken': 'Jemand war schneller. Dieses Ticket ist reserviert oder verkauft.',
  'event-begun': 'Diese Veranstaltung hat begonnen. Ihre Tickets sind nicht mehr im Verkauf.',
  'price-changed': 'Der Preis hat sich geändert, seit du ihn gesehen hast. Prüfe ihn, bevor du reservierst.',
  'too-many-orders':
    'Du hast so viele Tickets reserviert, wie gleichzeitig möglich sind. Bezahle zuerst eins, oder hebe eine Reservierung auf.',
  'too-many-tickets': 'Du hast die Höchstzahl an Tickets pro Person für diese Veranstaltung erreicht.',
  'seat-listed': 'Dieser Platz ist hier schon im Verkauf oder verkauft. Ist es dein eigenes Angebot, bearbeite dieses.',
  'ticket-withdrawn': 'Dieses Ticket ist nicht mehr im Verkauf.',
  'seller-banned': 'Der Verkäufer dieses Tickets darf nicht mehr verkaufen.',
  'ticket-reserved': 'Jemand hat dieses Ticket reserviert, deshalb kannst du es gerade nicht ändern.',
  'ticket-sold': 'Dieses Ticket ist verkauft, deshalb kannst du es nicht ändern.',
  'order-not-cancellable': 'Zum Abbrechen ist es zu spät: die Zahlung ist angenommen.',
  'order-not-payable': 'Diese Bestellung lässt sich nicht mehr bezahlen. Dir wurde nichts berechnet.',
  'already-paid': 'Diese Bestellung ist schon bezahlt.',
  'payment-in-progress':
    'Für diese Bestellung läuft schon eine Zahlung. Warte einen Moment und lade die Seite dann neu.',
  'payment-refused': 'Der Zahlungsanbieter hat diese Zahlung nicht angenommen. Dir wurde nichts berechnet.',
  'not-refundable': 'Von dieser Zahlung kannst du diesen Betrag nicht erstatten.',
  'idempotency-key-in-use': 'Dein erster Versuch läuft noch. Warte einen Moment und lade die Seite dann neu.',
  'stale-version': 'Das hat sich geändert, seit du die Seite geöffnet hast. Prüfe es noch einmal.',
  'too-large': 'Das war zu viel Text.',
  'unsupported-media-type': 'Die Anfrage ist nicht gültig.',
  'invalid-link': 'Dieser Link funktioniert nicht. Vielleicht wurde er schon benutzt, ersetzt oder ist zu alt.',
  'invalid-token': 'Der Zahlungsanbieter kennt diese Karte nicht.',
  'weak-password':
    'Dieses Passwort ist leicht zu erraten: Es ist weit verbreitet oder aus deinem Namen oder deiner Adresse gebildet. Wähle ein anderes.',
  'idempotency-key-reused':
    'Dieses Formular wurde schon mit anderem Inhalt geschickt. Lade die Seite neu und schick es dann noch einmal.',
  'pay-on-page': 'Du kannst nur auf der Seite unseres Zahlungsanbieters zahlen.',
  'too-many-declines': 'Zu viele Karten wurden abgelehnt. Dir wurde nichts berechnet. Versuche es später wieder.',
  'too-many-requests': 'Zu viele Versuche. Warte eine Minute und versuche es dann wieder.',
  'too-many-streams':
    'Diese Seite aktualisiert sich gerade nicht von selbst. Lade sie neu, um zu sehen, was sich geändert hat.',
  internal: 'Bei uns ist etwas schiefgegangen. Versuche es gleich noch einmal.',
  unavailable: 'Dieser Teil von Aisle antwortet gerade nicht. Versuche es gleich noch einmal.',
}
