// The cost of the listing page for a visitor with an empty cache: bytes over the wire, and no layout shift.

import { describe, expect, it } from 'vitest'
import { listTicket } from '../world.ts'
import { useSite } from './site.ts'

const kB = 1_000
const most = { script: 120 * kB, all: 300 * kB }

/** Runs before the page's own scripts; sums up the layout shifts reported by the browser. */
const watchShifts = `
  window.shifted = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value
  }).observe({ type: 'layout-shift', buffered: true })`

describe('the listing page', () => {
  const site = useSite()

  it.each([
    ['wide', { width: 1280, height: 900 }],
    ['narrow', { width: 390, height: 844 }],
  ])('is light and does not shift, %s', async (_name, viewport) => {
    const seller = await site.world.member()
    for (let nth = 1; nth <= 6; nth++)
      await listTicket(seller, {
        event: { name: `Evening ${nth}`, venue: 'Great Hall', startsAt: `2099-12-0${nth}T19:00:00Z` },
      })
    await site.world.settled()
    const visitor = await site.visitor({ viewport })
    const devTools = await visitor.context.newCDPSession(visitor.page)
    const types = new Map<string, string>()
    const bytes = { script: 0, all: 0 }
    devTools.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type))
    devTools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      bytes.all += encodedDataLength
      if (types.get(requestId) === 'Script') bytes.script += encodedDataLength
    })
    await devTools.send('Network.enable')
    await visitor.page.addInitScript(watchShifts)
    await visitor.opens('/')
    await visitor.page.waitForLoadState('networkidle')
    await visitor.page.evaluate('document.fonts.ready')
    expect(await visitor.find('link', /Evening/).count()).toBeGreaterThan(5)
    expect(bytes.script).toBeGreaterThan(30 * kB)
    expect(bytes.script).toBeLessThan(most.script)
    expect(bytes.all).toBeLessThan(most.all)
    expect(await visitor.page.evaluate('window.shifted')).toBeLessThan(0.001)
  })
})
