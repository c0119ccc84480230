// The edit form of a ticket: untouched values do not change, and values that cannot be applied are reported.

import type { Ticket } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { listTicket } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

const night = { name: 'The Long Night', venue: 'Arena', city: 'Berlin' }
const read = (id: string) => site.world.visitor().expect<Ticket>(200, 'GET', `/api/tickets/${id}`)

describe('a form that is saved as it was opened changes nothing', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a start with seconds', { event: { ...night, startsAt: '2098-05-08T18:00:30Z', timeZone: 'Europe/Berlin' } }],
    ['a start with milliseconds', { event: { ...night, startsAt: '2098-05-08T18:00:00.123Z', timeZone: 'UTC' } }],
    [
      'a time that comes twice, the first',
      { event: { ...night, startsAt: '2098-10-26T00:30:00Z', timeZone: 'Europe/Berlin' } },
    ],
    [
      'a time that comes twice, the second',
      { event: { ...night, startsAt: '2098-10-26T01:30:00Z', timeZone: 'Europe/Berlin' } },
    ],
    ['no time zone and no kind', { event: { ...night, startsAt: '2098-05-09T18:00:00Z' } }],
    ['another name of a zone', { event: { ...night, startsAt: '2098-05-10T18:00:00Z', timeZone: 'asia/calcutta' } }],
    ['no event', { event: undefined }],
    ['no seat', { seat: {} }],
    ['lines that end in CR LF', { description: 'One\r\ntwo\r\n' }],
    ['a line that is empty at the top', { description: '\nOne' }],
    ['yen', { price: 9_800, currency: 'jpy' }],
    [
      'text in two directions',
      { title: 'Row 5 \u200fהופעה', event: { ...night, name: 'הופעה', startsAt: '2098-05-11T18:00:00Z' } },
    ],
  ])('%s', async (_, fields) => {
    const seller = await site.member(undefined, { javaScriptEnabled: false, locale: 'de-DE' })
    const event = { ...night, startsAt: '2098-05-07T18:00:00Z', timeZone: 'Europe/Berlin', kind: 'sport' }
    const { id } = await seller.client.expect<Ticket>(201, 'POST', '/api/tickets', {
      title: 'One seat',
      price: 1_234_50,
      currency: 'eur',
      description: 'At the door.',
      event,
      ...fields,
    })
    const before = await read(id)
    await seller.opens(`/tickets/${id}/edit`)
    await seller.presses('Speichern')
    await seller.readsText('Das ist dein Ticket.')
    expect(await read(id)).toEqual(before)
  })

  it('and a form that changes only the title leaves its event as it is', async () => {
    const seller = await site.member()
    const event = { ...night, startsAt: '2098-06-08T18:00:30.250Z' }
    const ticket = await listTicket(seller.client, { event })
    await seller.opens(`/tickets/${ticket.id}/edit`)
    await seller.fills({ 'What are you selling': 'Two seats, together' })
    await seller.presses('Save')
    await seller.readsText('This is your ticket.')
    expect(await read(ticket.id)).toMatchObject({ title: 'Two seats, together', event: ticket.event })
    await seller.follows('Edit')
    await seller.fills({ Venue: 'Old Arena' })
    await seller.presses('Save')
    await seller.readsText('This is your ticket.')
    expect((await read(ticket.id)).event).toMatchObject({ venue: 'Old Arena', startsAt: event.startsAt })
  })
})

describe('a time that the clocks skip', () => {
  it.each([true, false])('is asked about before it is saved (JavaScript: %s)', async (javaScriptEnabled) => {
    const seller = await site.member(undefined, { javaScriptEnabled })
    const ticket = await listTicket(seller.client, { event: { ...night, startsAt: '2098-03-01T18:00:00Z' } })
    await seller.opens(`/tickets/${ticket.id}/edit`)
    await seller.chooses('Time zone of the venue', 'America/New_York')
    await seller.fills({ 'Date and time': '2098-03-09T02:30' })
    await seller.presses('Save')
    await seller.readsText('02:30 does not exist. Press the button again to save 03:30')
    expect(await seller.field('Date and time').inputValue()).toBe('2098-03-09T02:30')
    expect((await read(ticket.id)).event).toEqual(ticket.event)
    // Another skipped time is another question.
    await seller.fills({ 'Date and time': '2098-03-09T02:45' })
    await seller.presses('Save')
    await seller.readsText('02:45 does not exist. Press the button again to save 03:45')
    await seller.presses('Save')
    await seller.readsText('This is your ticket.')
    expect((await read(ticket.id)).event?.startsAt).toBe('2098-03-09T07:45:00.000Z')
  })

  it('is asked about when a ticket is listed, too', async () => {
    const seller = await site.member()
    await seller.opens('/sell')
    await seller.fills({ 'What are you selling': 'One seat', Price: '52.50', Event: 'Night', Venue: 'Hall' })
    await seller.fills({ 'Date and time': '2098-03-30T02:30' })
    await seller.chooses('Time zone of the venue', 'Europe/Berlin')
    await seller.presses('List this ticket')
    await seller.readsText('02:30 does not exist.')
    await seller.fills({ 'Date and time': '2098-03-30T20:30' })
    await seller.presses('List this ticket')
    await seller.readsText('Sunday, 30 March 2098, 20:30 CEST')
  })
})

describe('the event of a ticket', () => {
  const startsAt = '2098-08-08T18:00:00.000Z'
  const event = { ...night, startsAt, timeZone: 'Europe/Berlin', kind: 'concert' }

  it('is corrected by its only seller, and the page shows the correction', async () => {
    const seller = await site.member()
    const { id } = await listTicket(seller.client, {
      event: { ...event, name: 'My Own Night', timeZone: 'Asia/Tokyo' },
    })
    await seller.opens(`/tickets/${id}/edit`)
    await seller.fills({ City: 'Hamburg', Event: 'MY OWN NIGHT' })
    await seller.chooses('Time zone of the venue', 'Europe/Berlin')
    await seller.chooses('Category', 'festival')
    await seller.presses('Save')
    await seller.reads('MY OWN NIGHT')
    await seller.readsText('Arena, Hamburg')
    await seller.readsText('Saturday, 9 August 2098, 03:00 CEST')
    expect((await read(id)).event).toMatchObject({ kind: 'festival', timeZone: 'Europe/Berlin' })
    expect(await seller.page.getByText('The event details stay as shown here.').count()).toBe(0)
  })

  it.each([true, false])('that others also sell stays as it is, and the page says so (JavaScript: %s)', async (js) => {
    const [seller, other] = [await site.member(undefined, { javaScriptEnabled: js }), await site.world.member()]
    const shared = { ...event, name: `Shared Night ${js}` }
    const { id } = await listTicket(seller.client, { event: shared })
    await listTicket(other, { event: shared })
    await seller.opens(`/tickets/${id}/edit`)
    await seller.fills({ Event: shared.name.toUpperCase() })
    await seller.presses('Save')
    await seller.readsText('Saved. The event details stay as shown here.')
    await seller.reads(shared.name)
    await seller.reloads()
    expect(await seller.page.getByText('Saved. The event details stay').count()).toBe(0)
  })
})
