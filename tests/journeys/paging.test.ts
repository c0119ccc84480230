// Every paged list, as declared in the contracts: "more" is offered if there is more, and never leads to an
// empty page.

import { endpoints } from '@aisle/contracts/api/index'
import type { Endpoint, ServiceName } from '@aisle/contracts/endpoint'
import { services } from '@aisle/dev/stack'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { buy, listTicket, openWorld, type World, worldServices } from '../world.ts'

/** Services that hold something about the trader. */
const holders = services.filter(({ holds }) => holds.length > 0).map(({ name }) => `/api/personal-data/${name}`)
const paged: Endpoint[] = Object.values(endpoints)
  .flat()
  .filter((endpoint: Endpoint) => endpoint.paged)
  .filter(({ path }) => !path.startsWith('/api/personal-data/') || holders.includes(path))

let world: World
let trader: Client
let admin: Client
beforeAll(async () => {
  world = await openWorld()
  const other = await world.member()
  trader = await world.member()
  admin = await world.admin()
  for (const hour of [18, 19, 20]) {
    const startsAt = `2099-12-01T${hour}:00:00Z`
    await listTicket(trader, { event: { name: 'Winter Concert', venue: 'Great Hall', startsAt } })
    await buy(world, trader, other)
    await buy(world, other, trader)
  }
  await world.settled()
  for (const service of worldServices) await refuseThree(service)
})
afterAll(() => closeWorld(world))

/** Has a service refuse three strangers, so that each of its logs has entries. */
async function refuseThree(service: ServiceName): Promise<void> {
  const path = `/api/admin/audit/${service}`
  for (let i = 0; i < 3; i++) await (await world.member()).expect(403, 'GET', path)
  await until(
    () => admin.expect<unknown[]>(200, 'GET', `${path}?action=access`),
    (entries) => entries.length >= 3,
    `${service} to have written down whom it refused`,
  )
}

const filters = ['', 'q=winter', 'q=win', 'sort=price&currency=usd', 'sort=-price&currency=usd', 'sort=soonest']
const lists = paged.flatMap(({ path, who }): [string, Endpoint['who']][] =>
  path === '/api/tickets' ? filters.map((filter) => [`${path}?${filter}`, who]) : [[`${path}?`, who]],
)

it.each(lists)('%s offers a next page only when there is one', async (list, who) => {
  const client = who === 'admin' ? admin : trader
  const page = async (path: string) => {
    const { status, body, headers } = await client.send<unknown[]>('GET', path)
    expect(status).toBe(200)
    return { rows: body, next: /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] }
  }
  const all = await page(`${list}&limit=100`)
  expect(all.next).toBeUndefined()
  expect(all.rows.length).toBeGreaterThanOrEqual(3)

  expect((await page(`${list}&limit=${all.rows.length}`)).next).toBeUndefined()

  const first = await page(`${list}&limit=${all.rows.length - 1}`)
  const last = await page(first.next!)
  expect([...first.rows, ...last.rows]).toEqual(all.rows)
  expect(last.next).toBeUndefined()
})
