// Every page and state of a table, light and dark, wide and narrow: axe finds no violations, and nothing is
// wider than the screen. With SCREENSHOTS set to a folder, takes screenshots instead (`npm run screenshots`).

import { mkdir } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Person } from './person.ts'
import { useSite } from './site.ts'
import { type Screen, type Stage, setStage } from './stage.ts'

const screenshots = process.env.SCREENSHOTS
/** The narrowest screen in the guidelines; a phone's is a little wider. */
const narrowest = 320
const sizes = {
  wide: { width: 1280, height: 900 },
  narrow: { width: screenshots ? 390 : narrowest, height: 780 },
}
const schemes = ['light', 'dark'] as const

/** Creates the tests of a file: first `empty`, before anything is listed, then each group of screens on a stage. */
export function checkPages(
  groups: Readonly<Record<string, readonly Screen[]>>,
  empty: readonly { name: string; path: string }[] = [],
): void {
  // Some states are written directly into rows, so the invariants of this world cannot be checked.
  const site = useSite({ close: async (world) => world[Symbol.asyncDispose](), staysOpen: true })
  let stage: Stage

  beforeAll(async () => {
    if (screenshots) await mkdir(screenshots, { recursive: true })
  })
  for (const { name, path } of empty)
    it(name, async () => {
      const visitor = await site.visitor()
      await visitor.opens(path)
      await lookAt(name, visitor)
    })
  describe.each(Object.entries(groups))('%s', (_, screens) => {
    beforeAll(async () => {
      stage ??= await setStage(site)
    })
    for (const { name, show } of screens) it(name, async () => lookAt(name, await show(stage)))
  })
}

async function lookAt(name: string, person: Person): Promise<void> {
  for (const [width, size] of Object.entries(sizes)) {
    await person.page.setViewportSize(size)
    for (const colorScheme of schemes) {
      await person.page.emulateMedia({ colorScheme })
      if (screenshots) await photograph(person, `${screenshots}/${name}-${width}-${colorScheme}.png`)
      else await hasNothingWrong(person, colorScheme, `${name}, ${width}, ${colorScheme}`)
    }
  }
  await person.page.setViewportSize(sizes.wide)
}

async function photograph({ page }: Person, path: string): Promise<void> {
  await page.evaluate('document.fonts.ready')
  await page.screenshot({ path, fullPage: true })
}

async function hasNothingWrong({ page }: Person, scheme: 'light' | 'dark', where: string): Promise<void> {
  // The pages have no frames, so axe needs no page of its own to merge its findings.
  const axe = new AxeBuilder({ page }).setLegacyMode()
  // Dark mode differs only in colours.
  if (scheme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block'])
  const { violations } = await axe.analyze()
  const wrong = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary}`),
  )
  expect(wrong, where).toEqual([])
  const [needed, shown] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )
  expect(needed, `${where} is wider than the screen`).toBeLessThanOrEqual(shown)
}
