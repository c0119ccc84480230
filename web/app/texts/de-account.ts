// The account page: personal details, the password, the devices.

import type { Texts } from './en.ts'

export const account: Texts['account'] = {
  title: 'Konto',
  who: 'Über dich',
  name: 'Name',
  nameHint: 'Käufer und Verkäufer sehen ihn.',
  phone: 'Telefon',
  phoneHint: 'Niemand außer dir sieht sie.',
  save: 'Speichern',
  password: 'Passwort',
  currentPassword: 'Aktuelles Passwort',
  newPassword: 'Neues Passwort',
  changePassword: 'Passwort ändern',
  changePasswordHint: 'Das meldet dich auf jedem anderen Gerät ab.',
  saved: 'Gespeichert.',
  passwordSaved: 'Dein Passwort ist geändert. Andere Geräte sind abgemeldet.',
  devices: 'Geräte',
  everywhere: 'Überall abmelden',
  everywhereHint: 'Beendet jede Sitzung, auch auf diesem Gerät.',
  devicesHint: 'Hier bist du angemeldet:',
  thisDevice: 'Dieses Gerät',
  unknownDevice: 'Unbekanntes Gerät',
  seen: (date, time) => `Zuletzt benutzt am ${date} um ${time}`,
  signedIn: (date) => `Angemeldet am ${date}`,
  from: (address) => `von ${address}`,
  endDevice: 'Hier abmelden',
  endDeviceNamed: (device) => `Hier abmelden: ${device}`,
  ending: 'Wird abgemeldet',
  deviceEnded: 'Auf diesem Gerät bist du jetzt abgemeldet.',
}
