// Who gets no mails any more can say that their address works again: their own, and at most once a day.

import type { Problem } from '@aisle/contracts/endpoint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addressMac } from '../../services/notices/address-mac.ts'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { secretFor } from '../mailbox.ts'
import { openWorld, refusalOf, type World } from '../world.ts'

const dayMs = 24 * 60 * 60 * 1000

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const suppress = async (email: string, reason: 'refused' | 'complained') => {
  const [mac, at] = [addressMac(world.keys.mailSecret, email), world.clock.now()]
  await world.sql('notices')`
    insert into suppressions (address_mac, reason, at) values (${mac}, ${reason}, ${at})
    on conflict on constraint suppressions_pkey do update set reason = excluded.reason, at = excluded.at`
}
/** A member whose address gets no mail any more. */
async function unreachable(reason: 'refused' | 'complained', { isConfirmed = true } = {}) {
  const member = await world.member()
  const { email } = member.user
  if (isConfirmed) {
    const token = await secretFor(world, email, 'confirm')
    await world.visitor().expect(204, 'POST', '/api/users/confirm', { token })
  }
  await world.settled()
  await suppress(email, reason)
  return { member, email }
}
const isReachable = async (member: Client) =>
  (await member.expect<{ reachable: boolean }>(200, 'GET', '/api/notices/mail')).reachable
const saysSo = (member: Client) => member.send<Problem>('POST', '/api/notices/mail/reachable')

describe('an address that refused a mail', () => {
  it('gets mails again when its owner says so', async () => {
    const { member } = await unreachable('refused')
    expect(await isReachable(member)).toBe(false)
    expect((await saysSo(member)).status).toBe(204)
    expect(await isReachable(member)).toBe(true)
    expect((await saysSo(member)).status).toBe(204)
  })

  it('that refuses again does so the next day at the earliest', async () => {
    const { member, email } = await unreachable('refused')
    await saysSo(member)
    world.clock.advance(60_000)
    await suppress(email, 'refused')
    const refused = await saysSo(member)
    expect(refusalOf(refused)).toEqual([429, 'too-many-requests'])
    expect(Number(refused.headers.get('retry-after'))).toBe(dayMs / 1000 - 60)
    expect(await isReachable(member)).toBe(false)
    world.clock.advance(dayMs)
    await member.expect(200, 'POST', '/api/users/signin', { email, password: 'a good password' })
    expect((await saysSo(member)).status).toBe(204)
    expect(await isReachable(member)).toBe(true)
  })

  it('is left alone by anybody else', async () => {
    const { member } = await unreachable('refused')
    const other = await world.member()
    await world.settled()
    expect((await saysSo(other)).status).toBe(204)
    expect(await isReachable(member)).toBe(false)
  })

  it('works again also for whoever has not confirmed it yet, and could not', async () => {
    const { member } = await unreachable('refused', { isConfirmed: false })
    expect((await saysSo(member)).status).toBe(204)
    expect(await isReachable(member)).toBe(true)
  })
})

describe('an address whose owner complained', () => {
  it('gets mails again when its owner says so', async () => {
    const { member } = await unreachable('complained')
    expect((await saysSo(member)).status).toBe(204)
    expect(await isReachable(member)).toBe(true)
  })

  it('gets none because of somebody who only claims it', async () => {
    const { member } = await unreachable('complained', { isConfirmed: false })
    expect(refusalOf(await saysSo(member))).toEqual([403, 'address-unconfirmed'])
    expect(await isReachable(member)).toBe(false)
  })
})
