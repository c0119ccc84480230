// A person at a browser. Elements are found as people find them: by role and accessible name.

import { until } from '@aisle/kit/testing/settled'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { cards } from '../hosted-page.ts'
import type { Watch } from './watch-page.ts'

export type Role = Parameters<Page['getByRole']>[0]
export type Named = string | RegExp

/** Whether React has hydrated the page; before that, a page is a document with plain forms. */
const alive = `Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__react'))`

export class Person {
  readonly page: Page
  readonly context: BrowserContext
  readonly watch: Watch
  readonly #hasJavaScript: boolean

  constructor(page: Page, watch: Watch, hasJavaScript: boolean) {
    this.page = page
    this.context = page.context()
    this.watch = watch
    this.#hasJavaScript = hasJavaScript
  }

  /** Opens a URL; if it can be, the page is hydrated afterwards. */
  async opens(path: string): Promise<void> {
    await this.page.goto(path)
    await this.isAlive()
  }

  async reloads(): Promise<void> {
    await this.page.reload()
    await this.isAlive()
  }

  find(role: Role, name: Named): Locator {
    return this.page.getByRole(role, { name, exact: true })
  }

  async sees(role: Role, name: Named): Promise<void> {
    await this.find(role, name).first().waitFor()
  }

  /** Waits for the heading that identifies this page. */
  async reads(title: Named): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  }

  /** Waits for a sentence anywhere in the page's main part. */
  async readsText(text: Named): Promise<void> {
    await this.page.getByRole('main').getByText(text).first().waitFor()
  }

  async presses(name: Named): Promise<void> {
    await this.find('button', name).click()
  }

  async follows(name: Named): Promise<void> {
    await this.find('link', name).first().click()
  }

  /** Fills fields by their labels. */
  async fills(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await this.field(label).fill(value)
  }

  /** A field by its label; optional fields are marked after it. */
  field(label: string): Locator {
    const escaped = label.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return this.page.getByLabel(new RegExp(`^${escaped}( \\(optional\\))?$`))
  }

  async chooses(label: string, option: string): Promise<void> {
    await this.field(label).selectOption(option)
  }

  async isAt(path: string | RegExp): Promise<void> {
    await this.page.waitForURL((url) => {
      const here = `${url.pathname}${url.search}`
      return typeof path === 'string' ? here === path : path.test(here)
    })
  }

  /** The URL and the page's text in one line: more helpful than the name of what was not found. */
  async whereabouts(): Promise<string> {
    const text = await this.page.locator('body').innerText({ timeout: 1_000 }).catch(String)
    return `at ${this.page.url()} and read: ${text.replaceAll(/\s+/g, ' ').slice(0, 600)}`
  }

  get path(): string {
    const { pathname, search } = new URL(this.page.url())
    return `${pathname}${search}`
  }

  /** Pays with a card on the provider's page, which is open. */
  async typesCard(number: string = cards.good): Promise<void> {
    await this.fills({
      Email: 'ada@example.com',
      'Card number': number,
      'Expiry (MM / YY)': '12 / 34',
      'Security code (CVC)': '123',
      'Name on card': 'Ada Lovelace',
    })
    await this.presses(/^Pay /)
  }

  /** Waits until React has hydrated the page. */
  async isAlive(): Promise<void> {
    if (this.#hasJavaScript) await until(() => this.page.evaluate(alive), Boolean, 'the page to be alive')
  }
}
