// Passkeys, on the pages where one is used or managed.

export const passkeys = {
  signIn: 'Sign in with a passkey',
  asking: 'Waiting for your passkey',
  fault: {
    cancelled: 'No passkey was used. Try again whenever you like, or go on without one.',
    known: 'This device already has a passkey for your account.',
    unusable: 'Your browser could not use a passkey here.',
  },
}
