import { OrderCompleted } from '@aisle/contracts/messages/orders'
import { newId } from '@aisle/kit/time/ids'
import { describe, expect, it } from 'vitest'
import { checked, exerciseDatabase, golden } from '../database.ts'

const { countSale } = (await import(checked)) as typeof import('./start.ts')

const database = exerciseDatabase('create table sums (seller_id uuid primary key, total integer not null)')

const message = golden(OrderCompleted)
const { price } = message.data.ticket
const at = (seq: number) => ({ xid: '1000', seq: String(seq) })
const total = async () => (await database().sql<{ total: number }[]>`select total from sums`)[0]?.total

describe('a sale', () => {
  it('is counted, and the next one of the same seller too', async () => {
    await countSale(database(), { position: at(1), message })
    await countSale(database(), { position: at(2), message: { ...message, id: newId() } })
    expect(await total()).toBe(2 * price)
  })

  it('is counted once, although the outbox is read again and has it at another position', async () => {
    await countSale(database(), { position: at(1), message })
    await countSale(database(), { position: at(7), message })
    expect(await total()).toBe(price)
  })

  it('is counted once, although two replicas get it at the same time', async () => {
    const both = [1, 2].map(() => countSale(database(), { position: at(1), message }))
    await Promise.allSettled(both)
    expect(await total()).toBe(price)
  })

  it('is counted by the second attempt if the first has failed', async () => {
    await database().sql`alter table sums add constraint none check (total < 0)`
    await expect(countSale(database(), { position: at(1), message })).rejects.toThrow()
    await database().sql`alter table sums drop constraint none`
    await countSale(database(), { position: at(1), message })
    expect(await total()).toBe(price)
  })
})
