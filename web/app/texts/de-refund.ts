import type { refund as enRefund } from './en-refund.ts'

export const refund: typeof enRefund = {
  title: 'Dem Käufer erstatten',
  back: 'Zurück zu deinen Verkäufen',
  paid: 'Bezahlt',
  already: 'Schon erstattet',
  pending: 'Auf dem Weg zum Käufer',
  left: 'Noch erstattbar',
  amount: 'Betrag',
  amountHint: 'Alles, was übrig ist, oder weniger.',
  next: 'Weiter',
  confirm: (amount) => `${amount} erstatten?`,
  confirmAll:
    'Der Käufer hat dann alles zurück. Die Erstattung geht von deinem Guthaben ab. Das lässt sich nicht rückgängig machen.',
  confirmPart: (left) =>
    `${left} der Zahlung bleiben. Die Erstattung geht von deinem Guthaben ab. Das lässt sich nicht rückgängig machen.`,
  submit: (amount) => `${amount} erstatten`,
  submitting: 'Wird erstattet',
  change: 'Anderer Betrag',
  done: (amount) => `${amount} sind auf dem Weg zurück zum Käufer.`,
  nothingLeft: 'Es ist nichts mehr zu erstatten.',
}
