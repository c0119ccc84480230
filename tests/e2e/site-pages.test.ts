// The pages about the site are found from the bottom of every page, in the visitor's language.

import { describe, expect, it } from 'vitest'
import { useSite } from './site.ts'

const site = useSite()

describe.each([
  ['with JavaScript', {}],
  ['without JavaScript', { javaScriptEnabled: false }],
])('%s', (_how, options) => {
  it('a visitor goes to a page, to a part of it, and to the same page in another language', async () => {
    const visitor = await site.visitor(options)
    await visitor.opens('/tickets')
    await visitor.follows('Help')
    await visitor.reads('Help')
    await visitor.isAt('/help')
    expect(await visitor.page.title()).toBe('Help · Aisle')
    await visitor.find('navigation', 'On this page').getByRole('link', { name: 'Refunds' }).click()
    await visitor.page.waitForURL(/#refunds$/)
    await visitor.sees('heading', 'Refunds')
    await visitor.presses('Deutsch')
    await visitor.reads('Hilfe')
    await visitor.follows('Impressum')
    await visitor.reads('Impressum')
    await visitor.readsText('Aisle-Demo auf diesem Rechner')
  })
})
