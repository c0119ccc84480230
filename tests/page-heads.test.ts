// The metadata of pages for search engines and shared links.

import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld } from './invariants.ts'
import { buy, listTicket, openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({}, { web: true })
})
afterAll(() => closeWorld(world))

const page = async (path: string) => (await fetch(`${world.stack.url}${path}`)).text()
const linkedData = (html: string) =>
  JSON.parse(/<script type="application\/ld\+json"[^>]*>(.*?)<\/script>/s.exec(html)![1]!) as Record<string, unknown>
const isIndexed = (html: string) => !/<meta name="robots" content="noindex"/.test(html)

const event = { name: 'Late Concert', venue: 'Arena', city: 'Sydney', startsAt: '2098-01-10T09:00:00Z' }

describe('an event that has started', () => {
  it('offers nothing, on its page or on that of a ticket, and is not in the sitemap', async () => {
    const seller = await world.member()
    // On the pages' own clock, which no test moves: before another test has moved the services'.
    const startsAt = new Date(Date.now() + 1_500).toISOString()
    const ticket = await listTicket(seller, { event: { ...event, name: 'Tonight', startsAt } })
    const paths = [`/tickets/${ticket.id}`, `/events/${ticket.event!.id}`] as const
    expect(await page('/sitemap.xml')).toContain(paths[1])
    await world.clock.advance(Date.parse(startsAt) - world.clock.now().getTime())
    for (const path of paths) {
      const html = await until(
        () => page(path),
        (text) => text.includes('This event has begun.'),
        `${path} to say that the event has begun`,
      )
      expect(html).not.toContain('Reserve this ticket')
      expect(html).not.toContain('/InStock')
    }
    expect(linkedData(await page(paths[0])).availability).toBe('https://schema.org/SoldOut')
    expect(isIndexed(await page(paths[0]))).toBe(false)
    expect(await page('/sitemap.xml')).not.toContain(paths[1])
  })
})

describe('an event', () => {
  it('begins at the time on the clock of its venue', async () => {
    const ticket = await listTicket(await world.member(), { event: { ...event, timeZone: 'Australia/Sydney' } })
    expect(linkedData(await page(`/events/${ticket.event!.id}`))).toMatchObject({
      '@type': 'Event',
      startDate: '2098-01-10T20:00:00+11:00',
      eventStatus: 'https://schema.org/EventScheduled',
      location: { '@type': 'Place', name: 'Arena', address: 'Sydney' },
      offers: [{ '@type': 'Offer', price: '45.00', priceCurrency: 'USD' }],
    })
    expect(linkedData(await page(`/tickets/${ticket.id}`))).toMatchObject({
      itemOffered: { startDate: '2098-01-10T20:00:00+11:00', eventStatus: 'https://schema.org/EventScheduled' },
    })
  })

  it('without a time zone begins at an instant', async () => {
    const ticket = await listTicket(await world.member(), { event: { ...event, name: 'Anywhere' } })
    expect(linkedData(await page(`/events/${ticket.event!.id}`))).toMatchObject({
      startDate: '2098-01-10T09:00:00.000Z',
    })
  })

  it('is in the sitemap with the day of its last change, and so are the pages about the site', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller, { event: { ...event, name: 'Moved' } })
    const lastChange = async () =>
      new RegExp(`/events/${ticket.event!.id}</loc><lastmod>([^<]+)</lastmod>`).exec(await page('/sitemap.xml'))?.[1]
    const listed = await lastChange()
    expect(Date.parse(listed!)).toBeLessThanOrEqual(Date.parse(ticket.createdAt))
    expect(await page('/sitemap.xml')).toContain('/imprint</loc>')
    await world.clock.advance(60_000)
    const { title, price } = ticket
    await seller.expect(200, 'PUT', `/api/tickets/${ticket.id}`, {
      ...{ title, price },
      event: { ...event, name: 'Moved', city: 'Melbourne' },
    })
    expect(Date.parse((await lastChange())!)).toBeGreaterThan(Date.parse(listed!))
  })
})

describe('the page of a ticket', () => {
  it('is for search engines while it can be bought, and not once it is withdrawn or sold', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { ticket: sold } = await buy(world, seller, buyer)
    const [listed, withdrawn] = [await listTicket(seller), await listTicket(seller)]
    await seller.expect(204, 'DELETE', `/api/tickets/${withdrawn.id}`)
    const indexed = async ({ id }: { id: string }) => isIndexed(await page(`/tickets/${id}`))
    expect([await indexed(listed), await indexed(withdrawn), await indexed(sold)]).toEqual([true, false, false])
  })
})

describe('a right-to-left name', () => {
  const name = 'אביב גפן'
  const isolate = `\u2068${name}\u2069`

  it('reorders nothing beside it, in the title of a page or on it', async () => {
    const ticket = await listTicket(await world.member(name), {
      title: name,
      event: { ...event, name, venue: 'היכל 5', city: 'תל אביב' },
    })
    const html = await page(`/tickets/${ticket.id}`)
    expect(html).toContain(`<bdi>${name}</bdi>`)
    expect(html).toContain('<bdi>היכל 5</bdi>, <bdi>תל אביב</bdi>')
    expect(html).toContain(`<title>${isolate}, ${isolate} · Aisle</title>`)
    expect(html).toContain(`<meta property="og:title" content="${isolate}, ${isolate}"/>`)
    expect(html).toContain(`Sold by ${isolate}`)
    const eventPage = await page(`/events/${ticket.event!.id}`)
    expect(eventPage).toContain(`Tickets for ${isolate} at \u2068היכל 5\u2069, \u2068תל אביב\u2069 on `)
    for (const data of [linkedData(html), linkedData(eventPage)])
      expect(JSON.stringify(data)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
  })

  it('has no control characters stored before they were refused', async () => {
    const ticket = await listTicket(await world.member(), { event: { ...event, name: 'Turned' } })
    await world.sql('tickets')`update events set name = ${'Turned \u202edrow'} where id = ${ticket.event!.id}`
    const html = await page(`/tickets/${ticket.id}`)
    expect(/<title>[^<]*<\/title>/.exec(html)?.[0]).not.toContain('\u202e')
    expect(JSON.stringify(linkedData(html))).not.toContain('\u202e')
    expect(html).toContain('<bdi>Turned \u202edrow</bdi>')
  })
})
