// The HTML of every mail, in both languages, light and dark, on the narrowest screen: axe finds no violations, and
// nothing is wider than the screen.

import { readdirSync, readFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'

const golden = new URL('../../services/notices/mail/golden/', import.meta.url)
const mails = readdirSync(golden).filter((name) => name.endsWith('.html'))

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

it('every mail can be read by everybody', async () => {
  expect(mails.length).toBeGreaterThan(20)
  const page = await (await browser.newContext({ viewport: { width: 320, height: 700 } })).newPage()
  for (const name of mails) {
    await page.setContent(readFileSync(new URL(name, golden), 'utf8'))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // A mail is shown inside another page, which has the landmarks.
      const axe = new AxeBuilder({ page }).setLegacyMode().disableRules(['region', 'landmark-one-main'])
      // Dark mode differs only in colours.
      if (colorScheme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block'])
      const { violations } = await axe.analyze()
      const wrong = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
      expect(wrong, `${name}, ${colorScheme}`).toEqual([])
    }
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(width, `${name} is wider than the screen`).toBeLessThanOrEqual(320)
  }
})
