// The page on which a seller gives money back.

export const refund = {
  title: 'Refund the buyer',
  back: 'Back to your sales',
  paid: 'Paid',
  already: 'Already refunded',
  pending: 'On its way to the buyer',
  left: 'Left to refund',
  amount: 'Amount to refund',
  amountHint: 'Everything that is left, or less.',
  next: 'Continue',
  confirm: (amount: string) => `Refund ${amount}?`,
  confirmAll: 'The buyer then has everything back. The refund is taken off your balance. You can’t undo this.',
  confirmPart: (left: string) =>
    `${left} of the payment remains. The refund is taken off your balance. You can’t undo this.`,
  submit: (amount: string) => `Refund ${amount}`,
  submitting: 'Refunding',
  change: 'Another amount',
  done: (amount: string) => `${amount} is on its way back to the buyer.`,
  nothingLeft: 'There is nothing left to refund.',
}
