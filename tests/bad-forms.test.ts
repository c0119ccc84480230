// Malformed forms posted to every page are refused with 400, and nothing fails.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from './client.ts'
import { closeWorld } from './invariants.ts'
import { listTicket, openWorld, reserve, type World } from './world.ts'

// All pages, and those of them that take a form, according to the table of contents.
const routes = readFileSync(new URL('../web/app/routes.ts', import.meta.url), 'utf8')
const pages = [...routes.matchAll(/(?:route\('([^']+)', |index\()'(pages\/[^']+)'/g)].map(([, path = '', file]) => ({
  path: `/${/admin-/.test(file!) ? `admin/${path}` : path}`.replace(/(.)\/$/, '$1'),
  takesForm: /export (async )?(function|const) action/.test(
    readFileSync(new URL(`../web/app/${file}`, import.meta.url), 'utf8'),
  ),
}))

let world: World
let ids: Record<string, string>
let people: Record<string, Client>
beforeAll(async () => {
  world = await openWorld({}, { web: true })
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  await world.settled()
  const order = await reserve(buyer, ticket.id)
  ids = { '/tickets': ticket.id, '/events': ticket.event!.id, '/orders': order.id, '/admin': order.id }
  people = { stranger: world.visitor(), seller, buyer, admin: await world.admin() }
})
afterAll(() => closeWorld(world))

const form = 'application/x-www-form-urlencoded'
const bodies: [what: string, type: string | null, body: string | Uint8Array<ArrayBuffer> | null][] = [
  ['nothing', null, null],
  ['JSON', 'application/json', '{"intent":"reserve"}'],
  ['broken JSON', 'application/json', '{'],
  ['text', 'text/plain', 'intent=reserve'],
  ['bytes', 'application/octet-stream', new Uint8Array([0, 255, 254, 1])],
  ['XML', 'application/xml', '<form/>'],
  ['parts without a boundary', 'multipart/form-data', '--x\r\n\r\n--x--'],
  [
    'parts that end early',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="to"\r\n\r\n',
  ],
  ['a type that is none', 'nonsense', 'to=/'],
]

const send = (path: string, client: Client, type: string | null, body: (typeof bodies)[number][2]) =>
  fetch(`${world.stack.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: {
      ...(client.cookie ? { cookie: client.cookie } : {}),
      ...(type === null ? {} : { 'content-type': type }),
    },
  })

const at = (path: string) =>
  path.replace(':id', ids[`/${path.split('/')[1]}`] ?? ids['/orders']!).replace('/*', '/nothing')

it('there are pages with forms and pages without', () => {
  expect(pages.filter(({ takesForm }) => takesForm).length).toBeGreaterThan(10)
  expect(pages.filter(({ takesForm }) => !takesForm).length).toBeGreaterThan(10)
})

describe.each(pages)('posted to $path', ({ path, takesForm }) => {
  it.each(bodies)('%s is refused, and nothing fails', async (_, type, body) => {
    for (const [who, client] of Object.entries(people)) {
      for (const address of [at(path), `${at(path) === '/' ? '/_root' : at(path)}.data`]) {
        const { status } = await send(address, client, type, body)
        const expected = takesForm && path !== '/*' ? [400] : [400, 404, 405]
        expect(expected, `${address} by ${who} answered ${status}`).toContain(status)
      }
    }
  })

  it('an empty form breaks nothing', async () => {
    for (const client of Object.values(people)) {
      const { status } = await send(at(path), client, form, '')
      expect(status).toBeLessThan(500)
    }
  })
})
