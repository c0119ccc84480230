// An account moves to another address, and back if its owner did not want it to.

import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { clock, Device, isNobody, mailboxOf, member, password, saidAbout, sql, useAuth } from './auth-testing.ts'
import { addAuthenticator, codeOf, firstStep, secondStep } from './factors-testing.ts'

useAuth()

const minute = 60_000
const hour = 60 * minute
const confirm = (token: string | null, at = 0) => new Device().send('POST', 'confirm', { token }, {}, at)
const undo = (token: string | null, at = 0) => new Device().send('POST', 'undo', { token }, {}, at)
const ask = (device: Device, email: string) => device.send('POST', 'me/address', { email })

let moves = 0
const newAddress = () => `Moved${++moves}@Aisle.test`

async function confirmedMember() {
  const user = await member()
  const mailbox = await mailboxOf(user.id)
  expect((await confirm((await mailbox.next()).token)).status).toBe(204)
  return { ...user, mailbox }
}
/** A user who has moved to another address. */
async function moved() {
  const user = await confirmedMember()
  const to = newAddress()
  expect((await ask(user.device, to)).status).toBe(204)
  expect((await confirm((await user.mailbox.next()).token)).status).toBe(204)
  return { ...user, to, undoLink: await user.mailbox.next() }
}
const secured = async (id: string) =>
  (await saidAbout(id)).filter(({ type }) => type === 'user:secured').map(({ data }) => data.what)

describe('a change of address', () => {
  it('takes place when the link that went to the new address is used, and not before', async () => {
    const { id, email, device, mailbox } = await confirmedMember()
    const to = newAddress()
    expect((await ask(device, to)).status).toBe(204)
    const link = await mailbox.next()
    expect(link).toMatchObject({ purpose: 'change-address', address: to })
    expect(Date.parse(link.expiresAt)).toBe(clock.now().getTime() + 24 * hour)
    expect((await new Device().signIn(email)).status).toBe(200)
    const replies = await Promise.all([0, 1, 0].map((at) => confirm(link.token, at)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 422, 422])
    expect(await device.currentUser()).toMatchObject({ id, email: to, confirmed: true })
    expect((await new Device().signIn(email)).status).toBe(401)
    expect((await new Device().signIn(to.toLowerCase())).status).toBe(200)
    expect((await mailbox.contacts()).at(-1)).toMatchObject({ address: to, confirmed: true })
    expect(await mailbox.next()).toMatchObject({ purpose: 'undo-address', address: email })
    expect(await secured(id)).toContain('address-changed')
  })

  it('needs a proof of the last ten minutes; a later one replaces an earlier one', async () => {
    const { device, mailbox, id } = await confirmedMember()
    clock.advance(10 * minute)
    expect(await ask(device, newAddress())).toMatchObject({ status: 403, code: 'proof-needed' })
    expect(await device.send('POST', 'me/proof', { password: 'a guess' })).toMatchObject({
      status: 403,
      code: 'wrong-password',
    })
    expect((await ask(device, newAddress())).status).toBe(403)
    expect((await device.send('POST', 'me/proof', { password })).status).toBe(204)
    expect((await ask(device, newAddress())).status).toBe(204)
    expect((await ask(device, newAddress())).status).toBe(429)
    clock.advance(minute)
    const last = newAddress()
    await ask(device, last)
    const [earlier, later] = [await mailbox.next(), await mailbox.next()]
    expect((await confirm(earlier.token)).status).toBe(422)
    expect((await confirm(later.token)).status).toBe(204)
    expect(await sql`select email from users where id = ${id}`).toEqual([{ email: last }])
  })

  it('to the address of another account is answered alike, and tells its owner alone', async () => {
    const [user, owner] = [await confirmedMember(), await confirmedMember()]
    expect(await ask(user.device, owner.email)).toMatchObject({ status: 204, body: {} })
    expect(await owner.mailbox.next()).toMatchObject({ purpose: 'known-address', token: null })
    expect(await user.mailbox.links()).toHaveLength(1)
    // An address that nobody has confirmed goes to who confirms it first.
    const squatter = await member()
    clock.advance(minute)
    await ask(user.device, squatter.email)
    expect((await confirm((await user.mailbox.next()).token)).status).toBe(204)
    expect((await new Device().signIn(squatter.email)).body).toMatchObject({ id: user.id })
  })

  it('gives no link to undo it to an address that was never confirmed', async () => {
    const { id, device } = await member()
    const mailbox = await mailboxOf(id)
    const confirmation = await mailbox.next()
    await ask(device, newAddress())
    expect((await confirm((await mailbox.next()).token)).status).toBe(204)
    expect(await device.currentUser()).toMatchObject({ confirmed: true })
    expect((await confirm(confirmation.token)).status).toBe(422)
    expect(await sql`select 1 from links where user_id = ${id} and purpose = 'undo-address'`).toEqual([])
  })
})

describe('the link to the old address', () => {
  it('undoes the change for 72 hours, ends every session, and gets a link for a new password', async () => {
    const { id, email, to, device, mailbox, undoLink } = await moved()
    expect(Date.parse(undoLink.expiresAt)).toBe(clock.now().getTime() + 72 * hour)
    const replies = await Promise.all([0, 1].map((at) => undo(undoLink.token, at)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 422])
    for (const at of [0, 1]) await until(() => device.currentUser(at), isNobody)
    expect((await new Device().signIn(to)).status).toBe(401)
    expect((await new Device().signIn(email)).body).toMatchObject({ id, email })
    expect(await mailbox.next()).toMatchObject({ purpose: 'reset-password', address: email })
    expect(await secured(id)).toContain('address-restored')
  })

  it('works after the account was moved on, and no link of whoever moved it works after it', async () => {
    const { id, email, device, mailbox, undoLink } = await moved()
    clock.advance(minute)
    await ask(device, newAddress())
    expect((await confirm((await mailbox.next()).token)).status).toBe(204)
    const theirs = await mailbox.next()
    clock.advance(minute)
    await ask(device, newAddress())
    const another = await mailbox.next()
    expect((await undo(undoLink.token)).status).toBe(204)
    expect(await undo(theirs.token)).toMatchObject({ code: 'invalid-link' })
    expect(await confirm(another.token)).toMatchObject({ code: 'invalid-link' })
    expect(await sql`select email from users where id = ${id}`).toEqual([{ email }])
  })

  it('removes second factors that whoever moved the account may have added, and no earlier ones', async () => {
    const moveAndUndo = async (device: Device, { mailbox }: Awaited<ReturnType<typeof confirmedMember>>) => {
      expect((await ask(device, newAddress())).status).toBe(204)
      expect((await confirm((await mailbox.next()).token)).status).toBe(204)
      expect((await undo((await mailbox.next()).token)).status).toBe(204)
    }
    const robbed = await confirmedMember()
    await addAuthenticator(robbed.device)
    await moveAndUndo(robbed.device, robbed)
    expect((await new Device().signIn(robbed.email)).status).toBe(200)
    expect(await secured(robbed.id)).toContain('authenticator-removed')

    const careful = await confirmedMember()
    const { secret } = await addAuthenticator(careful.device)
    clock.advance(73 * hour)
    const device = new Device()
    await secondStep(device, await firstStep(device, careful.email), codeOf(secret))
    await moveAndUndo(device, careful)
    expect(await new Device().signIn(careful.email)).toMatchObject({ code: 'second-step-needed' })
  })

  it('ends after 72 hours, and does nothing else', async () => {
    const { undoLink } = await moved()
    expect(await confirm(undoLink.token)).toMatchObject({ code: 'invalid-link' })
    clock.advance(72 * hour)
    expect(await undo(undoLink.token)).toMatchObject({ status: 422, code: 'invalid-link' })
  })
})
