// The pages that links in mails open, and what is said about a mail that was sent.

export const links = {
  confirmTitle: 'Confirm your email',
  confirmBody: 'Press the button to confirm that this address is yours.',
  confirm: 'Confirm email',
  confirming: 'Confirming',
  confirmed: 'Your email is confirmed.',
  confirmedHint: 'You can sell tickets now, and reserve more than one.',
  unconfirmed: 'Confirm your email',
  unconfirmedHint: 'Open the link in the mail that we sent to this address. Nothing there? Look in the spam folder.',
  sendAgain: 'Send the mail again',
  sending: 'Sending',
  sent: 'We have sent the mail again.',
  toAccount: 'Your account',
}
