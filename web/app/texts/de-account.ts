// The account page: profile, password, devices.

import type { Texts } from './en.ts'

export const account: Texts['account'] = {
  title: 'Konto',
  who: 'Über dich',
  name: 'Name',
  nameHint: 'Für Käufer und Verkäufer sichtbar.',
  phone: 'Telefon',
  phoneHint: 'Für Käufer und Verkäufer nicht sichtbar.',
  mailLanguage: 'Sprache deiner Mails',
  save: 'Speichern',
  password: 'Passwort',
  currentPassword: 'Aktuelles Passwort',
  newPassword: 'Neues Passwort',
  changePassword: 'Passwort ändern',
  changePasswordHint: 'Das meldet dich auf jedem anderen Gerät ab.',
  saved: 'Gespeichert.',
  passwordSaved: 'Passwort geändert. Deine anderen Geräte sind abgemeldet.',
  devices: 'Geräte',
  everywhere: 'Überall abmelden',
  everywhereHint: 'Beendet jede Sitzung, auch auf diesem Gerät.',
  devicesHint: 'Du bist auf diesen Geräten angemeldet:',
  thisDevice: 'Dieses Gerät',
  unknownDevice: 'Unbekanntes Gerät',
  seen: (date, time) => `Zuletzt benutzt am ${date} um ${time}`,
  signedIn: (date) => `Angemeldet am ${date}`,
  from: (address) => `von ${address}`,
  endDevice: 'Dieses Gerät abmelden',
  endDeviceNamed: (device) => `Dieses Gerät abmelden: ${device}`,
  ending: 'Wird abgemeldet',
  deviceEnded: 'Auf diesem Gerät bist du jetzt abgemeldet.',
}
