// Looking for something: the lists, their filters, and "more".

import { describe, expect, it } from 'vitest'
import { listTicket } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()
const noon = '2098-05-05T10:00:00Z'

describe('a list', () => {
  it('that just fills its page offers no next one', async () => {
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

  it('of a day offers no next page when what is left is of another day at its venue', async () => {
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

  it('in an order, or of a kind, that there is not, is the list as it always is', async () => {
    const visitor = await site.visitor()
    await visitor.opens('/tickets?sort=cheapest')
    await visitor.sees('heading', 'Programme 20')
    expect(await visitor.field('Order').inputValue()).toBe('newest')
    await visitor.opens('/?kind=circus')
    await visitor.sees('heading', 'Programme 20')
  })

  it('whose limits are the wrong way round says so', async () => {
    const visitor = await site.visitor()
    await visitor.opens('/tickets?min=60&max=50')
    await visitor.readsText('The highest price is below the lowest.')
    await visitor.sees('heading', 'Programme 20')
    await visitor.opens('/?from=2098-05-05&to=2098-05-04')
    await visitor.readsText('This day is before the first one.')
    await visitor.sees('heading', 'Programme 20')
  })
})
