// The fifteen-minute window. The services use the test's clock and the browser its own, so time passes for
// either only when a test advances it.

import { describe, expect, it } from 'vitest'
import { providerSide } from '../invariants.ts'
import { orderInTime, ticketIn } from '../world.ts'
import type { Member, PersonOptions } from './site.ts'
import { useSite } from './site.ts'

const minuteMs = 60_000
const clockOf = (buyer: Member) => buyer.page.getByRole('region', { name: 'Time left' })

describe('the countdown', () => {
  const site = useSite()

  it('is the same in a browser whose clock is five hours wrong [U5]', async () => {
    const { buyer } = await atCheckout(site, {}, new Date(Date.now() + 300 * minuteMs))
    expect(await clockOf(buyer).innerText()).toMatch(/\b1[34]:\d\d\b/)
    await buyer.sees('button', /^Pay/)
  })

  it('is announced at three minutes and at one, also to screen readers', async () => {
    const { buyer } = await atCheckout(site, {}, new Date())
    const said = clockOf(buyer).getByRole('status')
    const left = await secondsOn(buyer)
    await buyer.page.clock.fastForward((left - 179) * 1000)
    await said.filter({ hasText: 'Three minutes left to pay.' }).waitFor()
    await buyer.page.clock.fastForward(2 * minuteMs)
    await said.filter({ hasText: 'One minute left to pay.' }).waitFor()
  })

  it('that ends leads to a page that says so, without a charge', async () => {
    const { buyer, orderId } = await atCheckout(site, {}, new Date())
    await site.world.clock.advance(16 * minuteMs)
    await orderInTime(site.world, buyer.client, orderId, 'cancelled')
    await buyer.page.clock.fastForward(16 * minuteMs)
    await buyer.reads('The time to pay ran out')
    expect(await buyer.find('button', /^Pay/).count()).toBe(0)
  })
})

describe('a buyer who is away when the time runs out', () => {
  const site = useSite()

  it('reads so on the payment page and on the order, is not charged, and may reserve it again', async () => {
    const { buyer, orderId, ticket } = await atCheckout(site)
    await buyer.presses('Pay €45.00')
    await buyer.find('textbox', /^Email/).waitFor()
    await site.world.clock.advance(16 * minuteMs)
    await orderInTime(site.world, buyer.client, orderId, 'cancelled')
    await site.world.settled()
    buyer.watch.allow(410)
    await buyer.typesCard()
    await buyer.reads('This page has expired')
    await buyer.follows('Back to the shop')
    await buyer.reads('The time to pay ran out')
    await buyer.readsText('You have not been charged.')
    expect(await providerSide(site.world, orderId)).toMatchObject({ captured: 0, captures: 0 })
    await ticketIn(ticket.seller, ticket.id, 'listed')
    await buyer.follows('Reserve it again')
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Checkout')
  })
})

type Site = ReturnType<typeof useSite>

/** A member with a reserved ticket, in a browser whose clock the test moves if `browserTime` is given. */
async function atCheckout(site: Site, options: PersonOptions = {}, browserTime?: Date) {
  const [ticket, buyer] = [await site.ticket(), await site.member(undefined, options)]
  if (browserTime) await buyer.page.clock.install({ time: browserTime })
  await buyer.opens(ticket.page)
  await buyer.presses('Reserve this ticket')
  await buyer.reads('Checkout')
  return { ticket, buyer, orderId: /^\/orders\/([\w-]+)/.exec(buyer.path)![1]! }
}

async function secondsOn(buyer: Member): Promise<number> {
  const [, minutes = '', seconds = ''] = /(\d+):(\d\d)\s*$/.exec(await clockOf(buyer).innerText()) ?? []
  return Number(minutes) * 60 + Number(seconds)
}
