// Searching and browsing: the lists, their filters, and "more".

import { describe, expect, it } from 'vitest'
import { listTicket } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()
const noon = '2098-05-05T10:00:00Z'

describe('a list', () => {
  it('that just fills its page offers no next page', async () => {
    const seller = await site.world.member()
    for (let seat = 1; seat <= 20; seat++)
      await listTicket(seller, {
        title: `Stalls ${seat}`,
        event: { name: `Programme ${seat}`, venue: 'Town Hall', startsAt: noon, timeZone: 'Europe/Berlin' },
      })
    const visitor = await site.visitor()
    for (const [page, more] of [
      ['/tickets?q=programme', 'More tickets'],
      ['/?q=programme', 'Later events'],
    ] as const) {
      await visitor.opens(page)
      await visitor.sees('heading', 'Programme 20')
      expect(await visitor.find('link', more).count(), page).toBe(0)
    }
  })

  it('of a day offers no next page if the rest is on another day at its venue', async () => {
    const seller = await site.world.member()
    for (const timeZone of ['Pacific/Auckland', 'Pacific/Fiji'])
      await listTicket(seller, {
        event: { name: `Late ${timeZone}`, venue: 'Hall', startsAt: '2098-05-05T20:00:00Z', timeZone },
      })
    const visitor = await site.visitor()
    await visitor.opens('/?from=2098-05-05&to=2098-05-05')
    await visitor.sees('heading', 'Programme 20')
    expect(await visitor.find('heading', /^Late/).count()).toBe(0)
    expect(await visitor.find('link', 'Later events').count()).toBe(0)
  })

  it('with an unknown order or kind is the default list', async () => {
    const visitor = await site.visitor()
    await visitor.opens('/tickets?sort=cheapest')
    await visitor.sees('heading', 'Programme 20')
    expect(await visitor.field('Sort by').inputValue()).toBe('newest')
    await visitor.opens('/?kind=circus')
    await visitor.sees('heading', 'Programme 20')
  })

  it('whose limits are reversed says so', async () => {
    const visitor = await site.visitor()
    await visitor.opens('/tickets?min=60&max=50')
    await visitor.readsText('The highest price is below the lowest.')
    await visitor.sees('heading', 'Programme 20')
    await visitor.opens('/?from=2098-05-05&to=2098-05-04')
    await visitor.readsText('This date is before the start date.')
    await visitor.sees('heading', 'Programme 20')
  })
})

describe('an event that is sold in two currencies', () => {
  it('shows the prices of most tickets, offers the other, and never mixes them', async () => {
    const seller = await site.world.member()
    const event = { name: 'Two Markets', venue: 'Border Hall', startsAt: noon }
    let id = ''
    for (const [title, price, currency] of [
      ['First', 4000, 'jpy'],
      ['Second', 3000, 'jpy'],
      ['Third', 2000, 'chf'],
    ] as const)
      id = (await listTicket(seller, { title, price, currency, event })).event!.id
    const visitor = await site.visitor()
    await visitor.opens('/?q=two+markets')
    await visitor.readsText(/3,000 \/ .*20\.00/)
    await visitor.opens(`/events/${id}?upTo=3000`)
    await visitor.sees('link', /Second/)
    expect(await visitor.page.getByRole('main').getByText('Third').count()).toBe(0)
    expect(await visitor.page.getByRole('main').getByText('First').count()).toBe(0)
    await visitor.page.getByRole('navigation', { name: 'Prices by currency' }).getByRole('link').nth(1).click()
    await visitor.isAt(`/events/${id}?currency=chf`)
    await visitor.sees('link', /Third/)
    await visitor.opens('/tickets?q=two+markets&sort=price')
    await visitor.readsText(/^Prices in this currency only: /)
    expect(await visitor.field('Currency').inputValue()).toBe('jpy')
    expect(await visitor.page.getByRole('main').getByText('Third').count()).toBe(0)
  })
})
