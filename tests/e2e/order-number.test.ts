// The number of an order where people see it: its buyer, its seller and an admin.

import { expect, it } from 'vitest'
import { buy, listTicket, reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

it('is what the buyer, the seller and an admin read', async () => {
  const [seller, buyer] = [await site.member(), await site.member()]
  const { order, payment } = await buy(site.world, seller.client, buyer.client)
  await site.world.settled()
  const number = order.number!

  await buyer.opens(`/orders/${order.id}?payment=${payment.id}`)
  await buyer.readsText(`Your order number is ${number}.`)
  await buyer.readsText(`Order ${number}`)
  expect(await buyer.page.title()).toBe(`Checkout, ${number} · Aisle`)
  await buyer.opens('/my-tickets')
  await buyer.readsText(`Order ${number}`)

  await seller.opens('/my-tickets/selling')
  await seller.readsText(`Order ${number}`)
  await seller.follows(/^Refund the buyer: /)
  await seller.reads('Refund the buyer')
  await seller.readsText(`Order ${number}`)
  expect(await seller.page.title()).toBe(`Refund the buyer, ${number} · Aisle`)

  const admin = await site.admin()
  await admin.opens('/admin/orders')
  await admin.fills({ 'Order number': number.replace('-', ' ').toLowerCase() })
  await admin.presses('Show')
  await admin.isAt(/number=/)
  await admin.page.locator('main li').first().waitFor()
  expect(await admin.page.locator('main li').allInnerTexts()).toEqual([expect.stringContaining(number)])
  await admin.page.locator('main li a').first().click()
  await admin.isAt(`/admin/orders/${order.id}`)
  await admin.readsText(`Order ${number}`)
  await admin.opens(`/admin/orders?number=${number.slice(0, -1)}`)
  await admin.readsText('This is not an order number. Check each character.')
})

it('leads to the order in any spelling, for its buyer and an admin; for others there is nothing', async () => {
  const [seller, buyer] = [await site.member(), await site.member()]
  const order = await reserve(buyer.client, (await listTicket(seller.client)).id)
  const number = order.number!
  await buyer.opens(`/orders/${number.replace('-', '').toLowerCase()}`)
  await buyer.isAt(`/orders/${order.id}`)
  const admin = await site.admin()
  await admin.opens(`/orders/${number}`)
  await admin.isAt(`/admin/orders/${order.id}`)
  seller.watch.allow(404)
  await seller.opens(`/orders/${number}`)
  await seller.reads('There is nothing here')
  const stranger = await site.visitor()
  await stranger.opens(`/orders/${number}`)
  await stranger.reads('Sign in')
})
