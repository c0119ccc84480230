// Passkeys, auf den Seiten, die einen benutzen oder verwalten.

import type { passkeys as en } from './en-passkeys.ts'

export const passkeys: typeof en = {
  signIn: 'Mit Passkey anmelden',
  asking: 'Warten auf deinen Passkey',
  fault: {
    cancelled: 'Es wurde kein Passkey benutzt. Versuche es noch einmal, oder mach ohne weiter.',
    known: 'Auf diesem Gerät gibt es schon einen Passkey für dein Konto.',
    unusable: 'Dein Browser konnte hier keinen Passkey benutzen.',
  },
}
