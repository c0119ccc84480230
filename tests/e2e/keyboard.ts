// A keyboard-only user: moves with Tab, and must see at every step where the focus is.

import type { JSHandle, Locator } from 'playwright-core'
import { expect } from 'vitest'
import type { Named, Person, Role } from './person.ts'

/** A page has fewer stops than this. */
const mostStops = 80

/** The focused element: whether it is drawn, is in the window, has nothing over it, and has an outline. */
const whereFocusIs = `(() => {
  const element = document.activeElement
  if (!element || element === document.body) return 'nothing'
  const box = element.getBoundingClientRect()
  // A radio button's outline may be around its label.
  const outlines = [element, element.closest('label')].filter(Boolean).map((one) => getComputedStyle(one))
  const name = element.tagName.toLowerCase() + ' "' + (element.innerText || element.name || '').slice(0, 40) + '"'
  if (box.width < 1 || box.height < 1) return name + ' which is not drawn'
  if (box.bottom < 1 || box.top > innerHeight - 1 || box.right < 1 || box.left > innerWidth - 1) return name + ' outside of the window'
  const at = document.elementFromPoint(box.left + box.width / 2, Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2))
  if (at && !element.contains(at) && !at.contains(element)) return name + ' under something else'
  if (!outlines.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2)) return name + ' without an outline'
  return 'visible'
})()`

/** Tabs until the element has the focus. Every stop on the way is visible. */
export async function tabTo(person: Person, role: Role, name: Named): Promise<void> {
  await tabToLocator(person, person.find(role, name).first())
}

export async function tabToField(person: Person, label: string): Promise<void> {
  await tabToLocator(person, person.field(label))
}

async function tabToLocator({ page }: Person, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let stop = 0; stop < mostStops; stop++) {
    await page.keyboard.press('Tab')
    const state = await page.evaluate(whereFocusIs)
    // After the last stop of a page the browser itself has the focus for one stop.
    if (state !== 'nothing') expect(state, page.url()).toBe('visible')
    const focused: JSHandle = await page.evaluateHandle('document.activeElement')
    if (await wanted.evaluate((element, other) => element === other, focused)) return
  }
  throw new Error(`No way to ${wanted} with Tab on ${page.url()}`)
}

/** Tabs to fields and types into each. */
export async function typeInto(person: Person, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    await tabToField(person, label)
    await person.page.keyboard.type(value)
  }
}

/** Tabs to a button or link and presses Enter. */
export async function enter(person: Person, role: 'button' | 'link', name: Named): Promise<void> {
  await tabTo(person, role, name)
  await person.page.keyboard.press('Enter')
}
