// One browser and one marketplace for a test file; every person in a test has a separate browser context, and
// so separate cookies.

import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { User } from '@aisle/contracts/entities'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, type World } from '../world.ts'
import { launchChromium } from './chromium.ts'
import { Person } from './person.ts'
import { type Watch, watchPage } from './watch-page.ts'

/** Where a failing test saves what its people saw. */
const failures = fileURLToPath(new URL('failures/', import.meta.url))
const patienceMs = 60_000

export type Member = Person & { readonly client: Client; readonly user: User }
export type PersonOptions = BrowserContextOptions

export type Site = {
  readonly world: World
  /** The public URL. */
  readonly url: string
  /** A signed-out person. */
  visitor(options?: PersonOptions): Promise<Person>
  /** A signed-in person with an account. */
  member(name?: string, options?: PersonOptions): Promise<Member>
  /** A person signed in with the account of `client`, in another browser. */
  signIn<C extends Client>(client: C, options?: PersonOptions): Promise<Person & { client: C }>
  /** A signed-in admin. */
  admin(options?: PersonOptions): Promise<Person & { readonly client: Client }>
  /** A ticket of a seller without a browser. */
  ticket(
    fields?: Parameters<typeof listTicket>[1],
  ): Promise<{ id: string; title: string; page: string; seller: Client }>
}

type SiteOptions = {
  config?: Record<string, string | number>
  /** Shuts the world down; checks its invariants unless overridden. */
  close?: (world: World) => Promise<void>
  /** Whether people keep their browsers from test to test. */
  staysOpen?: boolean
}

/** Opens the site for the tests of a file, or of a `describe`. */
export function useSite({ config = {}, close = closeWorld, staysOpen = false }: SiteOptions = {}): Site {
  let world: World
  let browser: Browser
  let people: { person: Person; watch: Watch }[] = []

  beforeAll(async () => {
    ;[browser, world] = await Promise.all([launchChromium(), openWorld(config, { web: true })])
  })
  afterAll(async () => {
    await browser?.close()
    if (world) await close(world)
  })
  afterEach(async ({ task }) => {
    const wrong = people.flatMap(({ watch }) => watch.wrong())
    const seen = wrong.length > 0 || task.result?.state === 'fail' ? await keepWhatTheySaw(task.name) : []
    if (!staysOpen) {
      for (const { person } of people) await person.context.close()
      people = []
    }
    // The text of a page explains more than the missing element, and CI's log has no pictures.
    if (seen.length > 0) throw new Error([...wrong, ...seen].join('\n'))
  })

  const url = () => `http://localhost:${new URL(world.stack.url).port}`

  async function visitor(options: PersonOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      baseURL: url(),
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      reducedMotion: 'reduce',
      ...options,
    })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    const watch = watchPage(page, [url(), new URL(world.stack.sandboxUrl).origin])
    const person = new Person(page, watch, options.javaScriptEnabled ?? true)
    people.push({ person, watch })
    return person
  }

  async function signIn<C extends Client>(client: C, options?: PersonOptions) {
    const person = await visitor(options)
    const [name = '', value = ''] = client.cookie.split(/=(.*)/)
    await person.context.addCookies([{ name, value, url: url() }])
    return Object.assign(person, { client })
  }

  /** Saves a screenshot of each person's page, and returns a line with its text. */
  async function keepWhatTheySaw(test: string): Promise<string[]> {
    await mkdir(failures, { recursive: true })
    const lines: string[] = []
    for (const [index, { person }] of people.entries()) {
      const file = `${test.replaceAll(/\W+/g, '-')}-${index + 1}.png`
      await person.page.screenshot({ path: `${failures}${file}`, fullPage: true }).catch(() => {})
      lines.push(`Person ${index + 1} was ${await person.whereabouts()}`)
    }
    return lines
  }

  return {
    get world() {
      return world
    },
    get url() {
      return url()
    },
    visitor,
    signIn,
    async member(name, options) {
      const client = await world.member(name)
      return Object.assign(await signIn(client, options), { user: client.user })
    },
    admin: async (options) => signIn(await world.admin(), options),
    async ticket(fields) {
      const seller = await world.member()
      const ticket = await listTicket(seller, { currency: 'eur', ...fields })
      // All services have received it, as after a second in real life.
      await world.settled()
      return { id: ticket.id, title: ticket.title, page: `/tickets/${ticket.id}`, seller }
    },
  }
}
