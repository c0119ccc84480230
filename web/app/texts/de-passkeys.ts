// Passkeys, auf den Seiten, die einen benutzen oder verwalten.

import type { passkeys as en } from './en-passkeys.ts'

export const passkeys: typeof en = {
  signIn: 'Mit Passkey anmelden',
  use: 'Passkey benutzen',
  useBody: 'Mach mit deinem Passkey weiter.',
  title: 'Passkeys',
  body: 'Mit einem Passkey meldest du dich mit Fingerabdruck, Gesicht oder der PIN deines Geräts an. Es gibt kein Passwort, das jemand stehlen könnte.',
  add: 'Passkey hinzufügen',
  since: (date: string) => `Hinzugefügt am ${date}`,
  used: (date: string) => `Zuletzt benutzt am ${date}`,
  name: 'Name',
  rename: 'Umbenennen',
  renameNamed: (name: string) => `${name} umbenennen`,
  save: 'Namen speichern',
  remove: 'Entfernen',
  removeNamed: (name: string) => `${name} entfernen`,
  working: 'Einen Moment',
  added: 'Der Passkey ist hinzugefügt. Du kannst dich ab jetzt mit ihm anmelden.',
  removed: 'Der Passkey ist entfernt. Du kannst ihn auch auf deinem Gerät löschen.',
  asking: 'Warten auf deinen Passkey',
  fault: {
    cancelled: 'Es wurde kein Passkey benutzt. Versuche es noch einmal, oder mach ohne weiter.',
    known: 'Auf diesem Gerät gibt es schon einen Passkey für dein Konto.',
    unusable: 'Dein Browser konnte hier keinen Passkey benutzen.',
  },
}
