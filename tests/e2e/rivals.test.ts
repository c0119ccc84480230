// Two people, one ticket: one gets it, the other is informed, and neither pays a price other than the one they
// saw.

import { describe, expect, it } from 'vitest'
import { reserve, ticketIn } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

it('of two browsers that race for a ticket one gets it, and the other reads that someone was faster', async () => {
  const ticket = await site.ticket()
  const rivals = [await site.member('Ada'), await site.member('Bea')]
  for (const rival of rivals) await rival.opens(ticket.page)
  const ends = await Promise.all(
    rivals.map(async (rival) => {
      await rival.presses('Reserve this ticket')
      const won = rival.find('heading', 'Checkout').waitFor()
      const told = rival.page.getByRole('alert').filter({ hasText: 'Someone was faster.' }).waitFor()
      return Promise.any([won.then(() => 'won'), told.then(() => 'told')])
    }),
  )
  expect(ends.toSorted()).toEqual(['told', 'won'])
  const loser = rivals[ends.indexOf('told')]!
  await loser.opens(ticket.page)
  await loser.readsText('Someone is paying for it right now.')
  expect(await loser.find('button', 'Reserve this ticket').count()).toBe(0)
})

describe('a buyer who looks at a ticket', () => {
  it('that was taken meanwhile says so when they reserve it, on a page without live updates', async () => {
    const ticket = await site.ticket()
    const [slow, fast] = [await site.member('Slow', { javaScriptEnabled: false }), await site.world.member()]
    await slow.opens(ticket.page)
    await reserve(fast, ticket.id)
    await slow.presses('Reserve this ticket')
    await slow.page.getByRole('alert').filter({ hasText: 'Someone was faster.' }).waitFor()
    await slow.readsText('Someone is paying for it right now.')
  })

  it('that was withdrawn meanwhile says so when they reserve it', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member('Slow', { javaScriptEnabled: false })
    await buyer.opens(ticket.page)
    await ticket.seller.expect(204, 'DELETE', `/api/tickets/${ticket.id}`)
    await site.world.settled()
    await buyer.presses('Reserve this ticket')
    await buyer.sees('alert', /.*/)
    await buyer.readsText('This ticket is no longer for sale.')
  })

  it('whose price changes while they reserve it pays nothing, and sees what it costs now [R11]', async () => {
    const ticket = await site.ticket()
    // Without JavaScript the page does not receive the new price either.
    const buyer = await site.member(undefined, { javaScriptEnabled: false })
    await buyer.opens(ticket.page)
    // Orders does not receive the new price before the buyer has ordered.
    const orders = await site.world.sql('orders').reserve()
    await orders`begin`
    await orders`lock table tickets in share row exclusive mode`
    await ticket.seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 9900 })
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Reserving your ticket')
    await orders`commit`
    orders.release()
    await buyer.reads('The price has changed')
    await buyer.readsText('You have not been charged.')
    await buyer.follows('Reserve it again')
    await buyer.readsText('€99.00')
    expect(await ticketIn(ticket.seller, ticket.id, 'listed')).toMatchObject({ price: 9900 })
  })
})
