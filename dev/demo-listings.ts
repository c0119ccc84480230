// Believable events and tickets for a first look: several cities, kinds, currencies and prices.

import type { EventKind, Seat, Ticket } from '@aisle/contracts/entities'
import type { Static } from 'typebox'

export type DemoListing = {
  /** Days from the day of the seed, and the hour in UTC. */
  inDays: number
  hour: number
  event: { name: string; venue: string; city: string; timeZone: string; kind: Static<typeof EventKind> }
  tickets: { title: string; price: number; currency: Ticket['currency']; description?: string; seat?: Seat }[]
}

export const demoListings: readonly DemoListing[] = [
  {
    inDays: 9,
    hour: 19,
    event: { name: 'Nils Frahm', venue: 'Funkhaus', city: 'Berlin', timeZone: 'Europe/Berlin', kind: 'concert' },
    tickets: [
      { title: 'Standing, front area', price: 5200, currency: 'eur' },
      {
        title: 'Gallery seat with a clear view',
        price: 6400,
        currency: 'eur',
        seat: { section: 'Gallery', row: '2', number: '14' },
      },
    ],
  },
  {
    inDays: 12,
    hour: 19,
    event: { name: 'The Seagull', venue: 'Burgtheater', city: 'Vienna', timeZone: 'Europe/Vienna', kind: 'theatre' },
    tickets: [
      {
        title: 'Stalls, two seats from the aisle',
        price: 5800,
        currency: 'eur',
        seat: { section: 'Stalls', row: '8', number: '11' },
      },
      {
        title: 'Second circle, side',
        price: 1900,
        currency: 'eur',
        seat: { section: 'Second circle', row: '1', number: '4' },
        description: 'A pillar hides the far left of the stage.',
      },
    ],
  },
  {
    inDays: 16,
    hour: 15,
    event: {
      name: 'Arsenal v Everton',
      venue: 'Emirates Stadium',
      city: 'London',
      timeZone: 'Europe/London',
      kind: 'sport',
    },
    tickets: [
      {
        title: 'North Bank, lower tier',
        price: 7400,
        currency: 'gbp',
        seat: { section: '11', row: '19', number: '302' },
      },
      {
        title: 'East Stand, upper tier',
        price: 6100,
        currency: 'gbp',
        seat: { section: '86', row: '5', number: '117' },
      },
    ],
  },
  {
    inDays: 21,
    hour: 20,
    event: {
      name: 'Big Thief',
      venue: 'Fox Theater',
      city: 'Oakland',
      timeZone: 'America/Los_Angeles',
      kind: 'concert',
    },
    tickets: [
      { title: 'General admission, floor', price: 6800, currency: 'usd' },
      {
        title: 'Balcony, reserved',
        price: 8250,
        currency: 'usd',
        seat: { section: 'Balcony', row: 'F', number: '21' },
      },
      { title: 'General admission, floor', price: 5900, currency: 'usd', description: 'Cannot make it after all.' },
    ],
  },
  {
    inDays: 24,
    hour: 19,
    event: { name: 'La Traviata', venue: 'Opernhaus', city: 'Zurich', timeZone: 'Europe/Zurich', kind: 'theatre' },
    tickets: [
      {
        title: 'First balcony, centre',
        price: 16500,
        currency: 'chf',
        seat: { section: 'First balcony', row: '1', number: '33' },
      },
    ],
  },
  {
    inDays: 30,
    hour: 10,
    event: { name: 'Hanami Jazz Morning', venue: 'Blue Note', city: 'Tokyo', timeZone: 'Asia/Tokyo', kind: 'concert' },
    tickets: [{ title: 'Arena seat, shared table', price: 9800, currency: 'jpy' }],
  },
  {
    inDays: 37,
    hour: 20,
    event: {
      name: 'Hannah Gadsby: Woof',
      venue: 'Massey Hall',
      city: 'Toronto',
      timeZone: 'America/Toronto',
      kind: 'comedy',
    },
    tickets: [
      {
        title: 'Orchestra, centre left',
        price: 9400,
        currency: 'cad',
        seat: { section: 'Orchestra', row: 'M', number: '12' },
      },
      { title: 'Gallery', price: 5100, currency: 'cad', seat: { section: 'Gallery', row: 'B', number: '40' } },
    ],
  },
  {
    inDays: 45,
    hour: 18,
    event: {
      name: 'Way Out West, Friday',
      venue: 'Slottsskogen',
      city: 'Gothenburg',
      timeZone: 'Europe/Stockholm',
      kind: 'festival',
    },
    tickets: [{ title: 'Day ticket, Friday', price: 129500, currency: 'sek' }],
  },
  {
    inDays: 52,
    hour: 9,
    event: {
      name: 'Boxing Day Test, Day 1',
      venue: 'Melbourne Cricket Ground',
      city: 'Melbourne',
      timeZone: 'Australia/Melbourne',
      kind: 'sport',
    },
    tickets: [
      {
        title: 'Reserved, level 1, in the shade from noon',
        price: 8900,
        currency: 'aud',
        seat: { section: 'M12', row: 'AA', number: '7' },
      },
      { title: 'Reserved, level 4', price: 5500, currency: 'aud', seat: { section: 'Q41', row: 'H', number: '19' } },
    ],
  },
  {
    inDays: 60,
    hour: 19,
    event: {
      name: 'Kammerphilharmonie: The Late Quartets',
      venue: 'Elbphilharmonie',
      city: 'Hamburg',
      timeZone: 'Europe/Berlin',
      kind: 'concert',
    },
    tickets: [
      { title: 'Block E, straight on', price: 7700, currency: 'eur', seat: { section: 'E', row: '3', number: '18' } },
      {
        title: 'Block Z, behind the stage',
        price: 3300,
        currency: 'eur',
        seat: { section: 'Z', row: '1', number: '6' },
      },
    ],
  },
]
