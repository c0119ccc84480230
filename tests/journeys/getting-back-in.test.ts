// An account is got back by mail: a forgotten password, and an address that somebody else has changed.

import type { User } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { mailsTo, secretFor } from '../mailbox.ts'
import { openWorld, refusalOf, type World } from '../world.ts'

const [password, another] = ['a good password', 'another password']

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const signIn = (email: string, given: string) =>
  world.visitor().send<User>('POST', '/api/users/signin', { email, password: given })
const use = (path: string, token: string, more = {}) => world.visitor().expect(204, 'POST', path, { token, ...more })
async function confirmed() {
  const member = await world.member()
  await use('/api/users/confirm', await secretFor(world, member.user.email, 'confirm'))
  return member
}

describe('a forgotten password', () => {
  it('is replaced with the link in the mail, in the language of the user', async () => {
    const member = await confirmed()
    const { email } = member.user
    await member.expect(200, 'PATCH', '/api/users/me', { language: 'de' })
    await world.settled()
    await world.visitor().expect(200, 'POST', '/api/users/reset', { email })
    await use('/api/users/reset/confirm', await secretFor(world, email, 'reset'), { password: another })
    expect(refusalOf(await signIn(email, password))).toEqual([401, 'invalid-credentials'])
    expect((await signIn(email, another)).status).toBe(200)
    await world.settled()
    expect((await mailsTo(world, email)).map(({ subject }) => subject)).toContainEqual(
      expect.stringMatching(/Passwort/),
    )
  })

  it('of an address without an account sends nothing', async () => {
    await world.visitor().expect(200, 'POST', '/api/users/reset', { email: 'nobody@aisle.test' })
    await world.settled()
    expect(await mailsTo(world, 'nobody@aisle.test')).toEqual([])
  })
})

describe('a changed address', () => {
  it('goes back to its owner, who sets a new password, and whoever changed it is out', async () => {
    const thief = await confirmed()
    const { email, id } = thief.user
    const stolen = `stolen.${email}`
    await thief.expect(204, 'POST', '/api/users/me/address', { email: stolen })
    await use('/api/users/confirm', await secretFor(world, stolen, 'confirm'))
    expect((await signIn(stolen, password)).body.id).toBe(id)
    await world.settled()
    const toThief = (await mailsTo(world, stolen)).length

    await use('/api/users/undo', await secretFor(world, email, 'undo'))
    await use('/api/users/reset/confirm', await secretFor(world, email, 'reset'), { password: another })
    expect((await signIn(email, another)).body).toMatchObject({ id, email })
    expect(refusalOf(await signIn(stolen, password))).toEqual([401, 'invalid-credentials'])
    expect((await thief.send('GET', '/api/users/me/sessions')).status).toBe(401)
    await world.settled()
    expect(await mailsTo(world, stolen)).toHaveLength(toThief)
  })
})

describe('a sign-up with the address of an account', () => {
  it('is told to its owner by mail, and to nobody else', async () => {
    const { user } = await confirmed()
    await world.settled()
    const before = (await mailsTo(world, user.email)).length
    const stranger = world.visitor()
    await stranger.expect(201, 'POST', '/api/users/signup', { email: user.email, password: another })
    await world.settled()
    expect(await mailsTo(world, user.email)).toHaveLength(before + 1)
    const { id } = (await stranger.expect<{ currentUser: User }>(200, 'GET', '/api/users/currentuser')).currentUser
    expect(id).not.toBe(user.id)
  })
})
