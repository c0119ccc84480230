// Where admins need a second factor, a password alone makes nobody an admin, in any service.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectApp } from '../authenticator-app.ts'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { adminLogin, buy, openWorld, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ ADMIN_SECOND_FACTOR: 'required' })
})
afterAll(() => closeWorld(world))

const pages = ['/api/admin/users', '/api/admin/tickets', '/api/admin/orders', '/api/admin/audit/notices']
const answersTo = async (client: Client) => {
  const replies = await Promise.all(pages.map((path) => client.send<{ code?: string }>('GET', path)))
  return replies.map(({ status, body }) => (status === 200 ? 200 : body.code))
}
const all = <T>(value: T) => pages.map(() => value)

it('an admin adds a second factor, and from then on signs in with it', async () => {
  const { payment } = await buy(world, await world.member(), await world.member())
  const first = await world.admin()
  expect(await answersTo(first)).toEqual(all('second-factor-needed'))
  // What members may do with their own, they may; what only an admin may do with others', they may not.
  await first.expect(200, 'GET', '/api/users/me/sessions')
  expect(await first.send('POST', `/api/payments/${payment.id}/refunds`, {})).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  })

  const app = await connectApp(world, first)
  expect(await answersTo(first)).toEqual(all(200))
  expect(await first.send('DELETE', '/api/users/me/authenticator')).toMatchObject({ status: 409 })

  const second = world.visitor()
  const refused = await second.send<{ challenge: string }>('POST', '/api/users/signin', adminLogin)
  expect(refused).toMatchObject({ status: 401, body: { code: 'second-step-needed' } })
  expect(await answersTo(second)).toEqual(all('not-signed-in'))
  await second.expect(200, 'POST', '/api/users/signin/second', {
    challenge: refused.body.challenge,
    code: await app.next(),
  })
  expect(await answersTo(second)).toEqual(all(200))
  await second.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, {})
})
