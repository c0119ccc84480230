// Signing in with a second factor, and the page where users set it up.

import type { security as enSecurity } from './en-security.ts'
import { plural } from './plural.ts'

export const security: typeof enSecurity = {
  title: 'Anmeldung',
  twoSteps: 'Anmeldung in zwei Schritten',
  isOff: 'Dein Passwort allein genügt. Ein zweiter Schritt hält andere fern, selbst wenn sie es kennen.',
  isOn: 'Eingeschaltet: Dein Passwort allein genügt nicht mehr.',
  manage: 'Anmeldung in zwei Schritten verwalten',
  toAccount: 'Zurück zu deinem Konto',
  resumed: 'Danke. Wähle noch einmal, was du tun möchtest.',
  app: 'Authenticator-App',
  appBody:
    'Eine App auf deinem Handy zeigt alle 30 Sekunden einen neuen Code aus sechs Ziffern. Zum Anmelden brauchst du dein Passwort und einen Code.',
  appSince: (date) => `Verbunden am ${date}.`,
  addApp: 'App verbinden',
  changeApp: 'Andere App verbinden',
  removeApp: 'App entfernen',
  working: 'Einen Moment',
  appAdded: 'Die App ist verbunden.',
  appRemoved: 'Die App ist entfernt.',
  scan: '1. Scanne dies mit einer Authenticator-App oder mit deinem Passwortmanager.',
  qrCode: 'QR-Code für die Authenticator-App',
  orType: 'Kannst du es nicht scannen, gib diesen Schlüssel in der App ein:',
  thenCode: '2. Gib den Code ein, den die App jetzt zeigt.',
  code: 'Code',
  codeHint: 'Sechs Ziffern.',
  connect: 'Verbinden',
  codes: 'Wiederherstellungscodes',
  codesBody: 'Für den Fall, dass du dein Gerät nicht hast. Jeder gilt einmal, anstelle der App oder eines Passkeys.',
  codesLeft: plural('de', { one: 'Noch # Code.', other: 'Noch # Codes.' }),
  makeCodes: 'Neue Codes erstellen',
  makeCodesHint: 'Die Codes, die du jetzt hast, gelten dann nicht mehr.',
  newCodes: 'Deine Wiederherstellungscodes',
  newCodesBody:
    'Du siehst sie nur jetzt. Drucke diese Seite oder kopiere sie an einen sicheren Ort, der nicht dein Handy ist.',
  kept: 'Ich habe sie aufbewahrt',
  secondStep: 'Noch ein Schritt',
  fromApp: 'Gib den Code ein, den deine Authenticator-App jetzt zeigt.',
  recoveryCode: 'Wiederherstellungscode',
  fromList: 'Gib einen der Codes ein, die du beim Einrichten aufbewahrt hast. Er gilt einmal.',
  useRecoveryCode: 'Wiederherstellungscode benutzen',
  useApp: 'Authenticator-App benutzen',
  startAgain: 'Noch einmal anmelden',
}
