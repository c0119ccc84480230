// The pages on which a user has their account erased.

export const erasure = {
  title: 'Erase your account',
  goes: 'What is erased',
  goesList: [
    'Your email, name, phone and password, and how you sign in',
    'Your notices, and what you chose to be mailed',
    'Your listings, which go off sale, and what you wrote in their descriptions',
    'The network addresses that we noted with what you did',
  ],
  stays: 'What stays, and why',
  staysList: [
    'Your orders, sales and payments, under a number that names nobody: the other side needs them, and the law asks us to keep our books.',
    'A record of what was done, under the same number, for 90 days.',
    'Messages between our services, with your name in them, for about a week, and our backups until they are replaced.',
  ],
  stops: 'What stops it',
  stopsList: [
    'An order or a sale that is not finished, or whose event is not over',
    'A payment or a refund that is on its way, or a balance that is due to you',
  ],
  erase: 'Erase my account',
  sure: 'Erase your account for good?',
  sureHint: 'Nobody can bring it back, and we cannot either. You are signed out everywhere at once.',
  eraseNow: 'Yes, erase it',
  erasing: 'Erasing',
  keep: 'No, keep my account',
  asked: 'We are checking whether anything is open.',
  askedHint:
    'This usually takes a moment. When your account is erased you are signed out, and a last mail tells you so if your email is confirmed.',
  refused: 'Your account was not erased, because something is still open:',
  reasons: {
    'order-unfinished': 'You have an order that is not finished.',
    'sale-unfinished': 'Someone is buying a ticket of yours.',
    'event-ahead': 'The event of a ticket that you bought is not over.',
    'sale-event-ahead': 'The event of a ticket that you sold is not over.',
    'balance-due': 'You have a balance. Balances are not paid out automatically yet: write to us.',
    'payment-open': 'A payment of yours is on its way.',
    'sale-payment-open': 'A payment for a ticket of yours is on its way.',
    'refund-open': 'A refund to you has not arrived.',
    'sale-refund-open': 'A refund to a buyer of yours has not arrived.',
  },
  otherReason: 'Something else is not finished.',
  look: 'Look',
  done: 'Your account is erased',
  doneHint: 'You are signed out everywhere. If your email was confirmed, a last mail says so, too.',
  home: 'To the start page',
}
