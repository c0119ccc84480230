// The notices of a user, and of no other.

import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { openWorld, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

it('a user reads their own notices, newest first', async () => {
  const [one, other] = [await world.member(), await world.member()]
  for (const text of ['first', 'second'])
    await world.sql('notices')`
      insert into notices (id, user_id, text, created_at) values (${newId()}, ${one.user.id}, ${text}, now())`
  const mine = await one.expect<{ text: string }[]>(200, 'GET', '/api/notices')
  expect(mine.map(({ text }) => text)).toEqual(['second', 'first'])
  expect(await other.expect(200, 'GET', '/api/notices')).toEqual([])
  expect((await world.visitor().send('GET', '/api/notices')).status).toBe(401)
})
