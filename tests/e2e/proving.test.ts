// Where money or the account is at stake, someone whose last proof is older than ten minutes confirms first that it is
// they, and goes on where they were.

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { buy, refusalOf } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s', (_, javaScriptEnabled) => {
  it('a seller refunds in part after confirming that it is they', async () => {
    const { world } = site
    const [seller, buyer] = [await world.member(), await world.member()]
    const { payment } = await buy(world, seller, buyer)
    await world.settled()
    world.clock.advance(11 * 60_000)
    expect(refusalOf(await seller.send('POST', `/api/payments/${payment.id}/refunds`, { amount: 100 }))).toEqual([
      403,
      'proof-needed',
    ])
    const person = await site.signIn(seller, { javaScriptEnabled })
    person.watch.allow(403)
    await person.opens(`/my-tickets/selling/refund/${payment.id}`)
    await person.page.getByLabel(/^Amount to refund/).fill('1')
    await person.presses('Continue')
    await person.presses('Refund US$1.00')
    await person.readsText('Confirm that it is you')
    await person.fills({ 'Your password': 'not this one' })
    await person.presses('Continue')
    await person.readsText('password is wrong')
    await person.fills({ 'Your password': 'a good password' })
    await person.presses('Continue')
    await person.presses('Refund US$1.00')
    await person.readsText('US$1.00 refunded')
    await world.settled()
    const { body } = await buyer.send<{ amountRefunded: number }>('GET', `/api/payments/${payment.id}`)
    expect(body.amountRefunded).toBe(100)
  })
})

it('a new email that was typed is still there after the proof', async () => {
  const person = await site.member()
  const email = `new.${person.user.email}`
  await person.opens('/account')
  site.world.clock.advance(11 * 60_000)
  person.watch.allow(403)
  await person.fills({ 'New email': email })
  await person.presses('Change email')
  await person.fills({ 'Your password': 'a good password' })
  await person.presses('Continue')
  await person.readsText('What you typed is still here')
  expect(await person.field('New email').inputValue()).toBe(email)
  await person.presses('Change email')
  await person.readsText('We have sent a link to the new address.')
})

it.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('someone reads and downloads all of their data, %s', async (_, javaScriptEnabled) => {
  const [buyer, seller] = [await site.world.member('Juno Vale'), await site.world.member()]
  const { order } = await buy(site.world, seller, buyer)
  await site.world.settled()
  const person = await site.signIn(buyer, { javaScriptEnabled })
  await site.world.clock.advance(11 * 60_000)
  await person.opens('/account')
  await person.follows('See your data')
  await person.fills({ 'Your password': 'a good password' })
  await person.presses('Continue')
  await person.sees('heading', 'What you bought')
  await person.readsText(buyer.user.email)
  const [file] = await Promise.all([person.page.waitForEvent('download'), person.follows('Download as a file (JSON)')])
  const { userId, data } = JSON.parse(await readFile(await file.path(), 'utf8'))
  expect(userId).toBe(buyer.user.id)
  expect(data).toContainEqual({
    part: 'bought',
    service: 'orders',
    entries: [expect.objectContaining({ id: order.id, status: 'complete' })],
  })
  expect(JSON.stringify(data)).not.toContain(seller.user.email)
})
