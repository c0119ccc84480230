// docs/collection is what an outsider imports into Postman or Bruno. Here its walk-through runs from the file itself,
// against a running marketplace, with the little of Postman's `pm` that it uses.

import { setTimeout } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { Client, keepCookies } from '@aisle/client'
import { endpoints } from '@aisle/contracts/api/index'
import { collectionText } from '@aisle/dev/collection'
import { checker } from '@aisle/kit/check'
import { describe, expect, it } from 'vitest'
import { readText } from './infra-files.ts'
import { openWorld } from './world.ts'

type Item = {
  name: string
  event?: { script: { exec: string[] } }[]
  request: {
    method: string
    url: { path: string[]; query?: { key: string; value: string; disabled: boolean }[]; variable?: Pair[] }
    body?: { raw: string }
  }
}
type Pair = { key: string; value: string }
type Collection = { item: { name: string; item: Item[] }[]; variable: Pair[] }

const kept = readText('docs/collection/aisle.postman_collection.json')
const collection = JSON.parse(kept) as Collection
const variables = new Map<string, unknown>()

/** Text with its variables filled in. */
const filled = (text: string) =>
  text.replaceAll(/\{\{(\$?\w+)\}\}/g, (_, name: string) => {
    const value = name === '$guid' ? crypto.randomUUID() : variables.get(name)
    if (value === undefined) throw new Error(`There is no variable ${name}.`)
    return String(value)
  })

function pathOf({ path, query = [], variable = [] }: Item['request']['url']): string {
  const parts = path.map((part) => variable.find(({ key }) => part === `:${key}`)?.value ?? part)
  const search = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  return filled(`/${parts.join('/')}${search.length > 0 ? `?${search.join('&')}` : ''}`)
}

/** Runs a request and its script; returns the tests that it made, or null if it asks to be sent again. */
async function run(client: Client, { name, event = [], request }: Item): Promise<string[] | null> {
  const body = request.body && JSON.parse(filled(request.body.raw))
  const reply = await client.send(request.method, pathOf(request.url), body)
  const tests: string[] = []
  let next: string | undefined
  const pm = {
    info: { requestName: name },
    response: {
      code: reply.status,
      json: () => reply.body,
      to: { have: { status: (status: number) => expect([name, reply.status]).toEqual([name, status]) } },
    },
    collectionVariables: variables,
    execution: { setNextRequest: (other: string) => (next = other) },
    test(title: string, check: () => void) {
      check()
      tests.push(title)
    },
  }
  for (const { script } of event) runInNewContext(script.exec.join('\n'), { pm })
  if (next === undefined) return tests
  expect(next).toBe(name)
  return null
}

describe('docs/collection', () => {
  it('is up to date; "npm run collection" writes it', () => {
    expect(kept).toBe(collectionText())
  })

  it('has every endpoint that a person may call, with a body that it accepts', () => {
    for (const [service, own] of Object.entries(endpoints)) {
      const items = collection.item.find(({ name }) => name === service)!.item
      const called = own.filter(({ signed }) => !signed)
      expect(items.length).toBe(called.length)
      for (const { method, path, body } of called) {
        const item = items.find(({ request }) => request.method === method && `/${request.url.path.join('/')}` === path)
        expect([path, item?.request.body !== undefined]).toEqual([path, body !== undefined])
        const example = item?.request.body?.raw.replaceAll(/\{\{\w+\}\}/g, crypto.randomUUID())
        if (body)
          expect([path, checker(body)(JSON.parse(example!))]).toEqual([path, expect.objectContaining({ ok: true })])
      }
    }
  })

  it('declares each variable that it uses', () => {
    const used = new Set([...kept.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name))
    expect(new Set(collection.variable.map(({ key }) => key))).toEqual(used)
  })

  it('sells a ticket from sign-up to sale', async () => {
    await using world = await openWorld()
    const client = new Client(world.stack.url, keepCookies())
    const [sale] = collection.item
    const tests: string[] = []
    for (const item of sale!.item) {
      let made = await run(client, item)
      for (; made === null; made = await run(client, item)) await setTimeout(20)
      tests.push(...made)
    }
    expect(tests.length).toBe(sale!.item.length)
    const ticket = await client.send<{ status: string }>('GET', `/api/tickets/${variables.get('ticketId')}`)
    expect(ticket.body.status).toBe('sold')
  })
})
