// The ledger: what every sale, fee and refund leaves on each side. A constraint keeps it balanced, and its rows
// never change.

import type { Balance, Payment } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { buy, inTime, listTicket, openWorld, orderIn, pay, payable, reserve, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ PLATFORM_FEE_BASIS_POINTS: 500 })
})
afterAll(() => closeWorld(world))

const balance = (seller: Client) => seller.expect<Balance[]>(200, 'GET', '/api/payments/balance')
const give = (by: Client, payment: Payment, amount?: number) =>
  by.expect(201, 'POST', `/api/payments/${payment.id}/refunds`, amount === undefined ? {} : { amount })

describe('a seller', () => {
  it('who has sold nothing is owed nothing', async () => {
    expect(await balance(await world.member())).toEqual([])
    expect((await world.visitor().send('GET', '/api/payments/balance')).status).toBe(401)
  })

  it('is owed what buyers have paid, less the fee and refunds', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const first = await buy(world, seller, buyer, 4500)
    const second = await buy(world, seller, buyer, 9999)
    expect(await balance(seller)).toEqual([
      { currency: 'usd', sold: 14_499, fees: 225 + 499, refunded: 0, due: 14_499 - 724 },
    ])
    await give(seller, first.payment, 1000)
    expect(await balance(seller)).toEqual([
      { currency: 'usd', sold: 14_499, fees: 175 + 499, refunded: 1000, due: 13_499 - 674 },
    ])
    await give(seller, first.payment)
    await give(seller, second.payment)
    expect(await balance(seller)).toEqual([{ currency: 'usd', sold: 14_499, fees: 0, refunded: 14_499, due: 0 }])
    expect(await balance(buyer)).toEqual([])
  })

  it('sees each currency separately', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    for (const [currency, price] of [
      ['jpy', 3000],
      ['eur', 2000],
    ] as const) {
      const order = await reserve(buyer, (await listTicket(seller, { currency, price })).id)
      await payable(world, order.id)
      await pay(buyer, order.id)
      await orderIn(buyer, order.id, 'complete')
    }
    expect(await balance(seller)).toEqual([
      { currency: 'eur', sold: 2000, fees: 100, refunded: 0, due: 1900 },
      { currency: 'jpy', sold: 3000, fees: 150, refunded: 0, due: 2850 },
    ])
  })

  it('is owed a refund again that has failed', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(world, order.id)
    const payment = await pay(buyer, order.id, 'tok_refundFail')
    await orderIn(buyer, order.id, 'complete')
    await give(seller, payment)
    expect((await balance(seller))[0]).toMatchObject({ refunded: 4500, due: 0 })
    const [again] = await inTime(
      world,
      () => balance(seller),
      ([row]) => row?.refunded === 0,
      'the refund to have failed',
    )
    expect(again).toEqual({ currency: 'usd', sold: 4500, fees: 225, refunded: 0, due: 4275 })
  })
})

describe('the ledger', () => {
  const row = (amounts: string) => `
    insert into ledger (id, kind, order_id, payment_id, seller_id, currency, buyer, seller, platform, provider,
      booked_at)
    select uuidv7(), 'sale', order_id, id, id, 'usd', ${amounts}, now() from payments limit 1`

  it('accepts no row that does not sum to zero', async () => {
    const sql = world.sql('payments')
    await expect(sql.unsafe(row('100, -99, 0, 0'))).rejects.toThrow(/ledger_balanced/)
    await expect(sql.unsafe(row('0, 0, 0, 1'))).rejects.toThrow(/ledger_balanced/)
  })

  it('lets no one change or remove its rows', async () => {
    const sql = world.sql('payments')
    for (const change of ['update ledger set seller = seller', 'delete from ledger', 'truncate ledger'])
      await expect(sql.unsafe(change)).rejects.toThrow(/append-only/)
  })
})
