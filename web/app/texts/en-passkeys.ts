// Passkeys, on the pages where one is used or managed.

export const passkeys = {
  signIn: 'Sign in with a passkey',
  use: 'Use a passkey',
  useBody: 'Use your passkey to go on.',
  title: 'Passkeys',
  body: 'A passkey signs you in with your fingerprint, your face or the PIN of your device. There is no password that somebody could steal.',
  add: 'Add a passkey',
  since: (date: string) => `Added on ${date}`,
  used: (date: string) => `Last used on ${date}`,
  name: 'Name',
  rename: 'Rename',
  renameNamed: (name: string) => `Rename ${name}`,
  save: 'Save name',
  remove: 'Remove',
  removeNamed: (name: string) => `Remove ${name}`,
  working: 'One moment',
  added: 'The passkey is added. You can sign in with it from now on.',
  removed: 'The passkey is removed. You can delete it on your device, too.',
  asking: 'Waiting for your passkey',
  fault: {
    cancelled: 'No passkey was used. Try again whenever you like, or go on without one.',
    known: 'This device already has a passkey for your account.',
    unusable: 'Your browser could not use a passkey here.',
  },
}
