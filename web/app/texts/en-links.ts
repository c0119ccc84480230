// The pages that links in mails open, and the one that asks for such a mail.

export const links = {
  confirmTitle: 'Confirm your email',
  confirmBody: 'Press the button to confirm that this address is yours.',
  confirm: 'Confirm email',
  confirming: 'Confirming',
  confirmed: 'Your email is confirmed.',
  confirmedHint: 'You can sell tickets now, and reserve more than one.',
  sending: 'Sending',
  toAccount: 'Your account',
  forgotTitle: 'Forgot your password?',
  forgotBody: 'Tell us your email, and we send you a link to set another one.',
  sendLink: 'Send the link',
  forgotSent: 'If there is an account with this email, the link is on its way.',
  forgotSentHint: 'It works once, within half an hour. Nothing there? Look in the spam folder.',
  backToSignIn: 'Back to sign-in',
  resetTitle: 'Choose a new password',
  newPassword: 'New password',
  resetSubmit: 'Set password',
  resetting: 'Setting password',
  resetHint: 'This signs you out on every device.',
  resetDone: 'Your password is changed.',
  resetDoneHint: 'You are signed out everywhere. Sign in with the new one.',
  askAgain: 'Get a link for a new password',
  undoTitle: 'Undo the change of your email',
  undoBody:
    'Your account gets this address back, and everyone is signed out of it. Then we send you a link for a new password.',
  undo: 'Undo the change',
  undoing: 'Undoing',
  undone: 'The change is undone.',
  undoneHint:
    'Your account has this address again, and nobody is signed in to it. We have sent you a link for a new password.',
}
