// The page of a ticket, for its buyers, its seller and admins.

import type { ticket as enTicket } from './en-ticket.ts'

export const ticket: typeof enTicket = {
  description: (title, price) => `${title} für ${price}, alles inbegriffen.`,
  soldBy: (name) => `Verkauft von ${name}`,
  soldByFormer: 'Verkauft von einem ehemaligen Mitglied',
  wholePrice: 'Der ganze Preis. Es kommt nichts dazu.',
  reserve: 'Dieses Ticket reservieren',
  reserving: 'Wird reserviert',
  reserveHint:
    'Dann gehört es 15 Minuten lang nur dir, während du zahlst. Du kannst abbrechen, ohne dass dir etwas berechnet wird.',
  signInHint: 'Du meldest dich zuerst an. Dann gehört es 15 Minuten lang nur dir, während du zahlst.',
  toEvent: 'Alle Tickets für diese Veranstaltung',
  about: 'Vom Verkäufer',
  own: 'Das ist dein Ticket.',
  ownHint: 'Du verkaufst es.',
  eventKept: 'Gespeichert. Die Angaben zur Veranstaltung bleiben wie hier angezeigt.',
  eventKeptHint:
    'Du kannst sie nur ändern, solange alle Tickets dafür deine sind und keins reserviert oder verkauft ist.',
  edit: 'Bearbeiten',
  withdraw: 'Vom Verkauf zurückziehen',
  withdrawHint: 'Danach kann es niemand mehr kaufen. Du kannst es jederzeit neu anbieten.',
  reserved: 'Gerade zahlt jemand dafür.',
  reservedUntil: (time) => `Es kommt um ${time} zurück, wenn nicht gezahlt wird.`,
  heldByMe: 'Dieses Ticket gehört dir, während du zahlst.',
  reservedHint: 'Es kommt zurück, wenn innerhalb der 15 Minuten nicht gezahlt wird. Schau dann wieder vorbei.',
  ownReservedHint: 'Gerade zahlt ein Käufer dafür, deshalb kannst du es nicht ändern.',
  sold: 'Dieses Ticket ist verkauft.',
  soldHint: 'Vielleicht gibt es andere für dieselbe Veranstaltung.',
  ownSoldHint: 'Der Käufer hat gezahlt.',
  ownRefunded: 'Dem Käufer wurde alles erstattet.',
  ownRefundedHint: 'Das Ticket gehört wieder dir. Du kannst es neu anbieten.',
  listAgain: 'Neu anbieten',
  withdrawn: 'Dieses Ticket ist nicht mehr im Verkauf.',
  withdrawnHint: 'Vielleicht gibt es andere für dieselbe Veranstaltung.',
  takenDown: 'Wir haben dieses Ticket vom Verkauf genommen',
  ownWithdrawnHint: 'Es ist nicht mehr im Verkauf.',
  priceBefore: (price) => `Du hast es für ${price} gesehen. Reserviert ist noch nichts.`,
  begun: 'Diese Veranstaltung hat begonnen.',
  begunHint: 'Dieses Ticket ist nicht mehr im Verkauf.',
  takedown: {
    takeDown: 'Dieses Ticket vom Verkauf nehmen',
    takeDownHint:
      'Es ist für immer aus dem Verkauf. Ist es reserviert, dann erst, wenn seine Bestellung unbezahlt endet.',
    takingDown: 'Wird vom Verkauf genommen',
    takenDown: 'Das Ticket ist vom Verkauf genommen.',
    reasonForSeller: 'Grund, für den Verkäufer sichtbar',
  },
}
