import { TicketUpdated } from '@aisle/contracts/messages/tickets'
import { beforeEach, describe, expect, it } from 'vitest'
import { checked, exerciseDatabase, golden } from '../database.ts'

const { copyTicket } = (await import(checked)) as typeof import('./start.ts')

const database = exerciseDatabase(
  'create table tickets (id uuid primary key, version integer not null, price integer not null, status text not null)',
)

const ticket = golden(TicketUpdated).data
const hear = (version: number, price: number, again = false) =>
  database().tx((tx) => copyTicket(tx, { ...ticket, version, price }, again))
const copy = async () => {
  const [row] = await database().sql<{ version: number; price: number }[]>`select version, price from tickets`
  return row && [row.version, row.price]
}

describe('the copy of a ticket', () => {
  beforeEach(() => hear(3, 3000))

  it('begins with the first state that arrives, and takes newer ones', async () => {
    expect(await copy()).toEqual([3, 3000])
    await hear(5, 5000)
    expect(await copy()).toEqual([5, 5000])
  })

  it('keeps what it has when an older state arrives', async () => {
    await hear(2, 2000)
    expect(await copy()).toEqual([3, 3000])
  })

  it('has the newest state, although an older one waits for the same row', async () => {
    let older: Promise<void> | undefined
    await database().tx(async (tx) => {
      await copyTicket(tx, { ...ticket, version: 5, price: 5000 }, false)
      older = hear(4, 4000)
      await new Promise((resolve) => setTimeout(resolve, 300))
    })
    await older
    expect(await copy()).toEqual([5, 5000])
  })

  it('takes an older state while the outbox is read again', async () => {
    await hear(2, 2000, true)
    expect(await copy()).toEqual([2, 2000])
  })
})
