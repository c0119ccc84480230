// What the version before had planned is done by this one.

import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { announceLiveness } from '@aisle/kit/work/liveness'
import { expect, inject, it } from 'vitest'
import type { PaymentsService } from '../context.ts'
import { adoptCalls } from './adopt-calls.ts'

it('calls and webhooks become work under their keys, but for those that a living worker has', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['payments'])
  const sql = connect(databases.url('payments'), { max: 1 })
  const living = await announceLiveness(databases.url('payments'), 'version before')
  try {
    const [payment] = await sql<{ id: string }[]>`
      with o as (
        insert into orders (id, version, status, buyer_id, seller_id, price, currency, expires_at)
        values (uuidv7(), 1, 'complete', uuidv7(), uuidv7(), 50, 'eur', now()) returning id)
      insert into payments (id, order_id, attempt, version, status, amount, currency, created_at, updated_at)
      select uuidv7(), id, 1, 1, 'captured', 50, 'eur', now(), now() from o returning id`
    const { id } = payment!
    const call = (key: string, status: string, takenBy: number | null, params: object = {}) => sql`
      insert into provider_calls (key, op, payment_id, params, status, tries, taken_by, next_try_at, created_at,
        finished_at)
      values (${key}, ${key.split(':')[0]!}, ${id}, ${JSON.stringify(params)}::text::jsonb, ${status}, 2, ${takenBy},
        now(), now(), ${status === 'pending' ? null : new Date()})`
    const event = (name: string, state: string, takenBy: number | null) => sql`
      insert into provider_events (id, type, object_id, intent_id, payment_id, state, taken_by, next_try_at,
        received_at)
      values (${name}, 'refund.updated', 're_1', null, ${id}, ${state}, ${takenBy}, now(), now())`
    const dead = 4711
    await call(`capture:${id}:1`, 'pending', dead)
    await call(`open-page:${id}:1`, 'done', null, { request: { mode: 'payment', customer: null }, windowEndsAt: 5 })
    await call(`void:${id}:1`, 'failed', null)
    await call(`end-page:${id}:1`, 'pending', living.worker)
    await event('evt_1', 'pending', null)
    await event('evt_2', 'done', null)
    await event('evt_3', 'unknown', dead)
    await event('evt_4', 'pending', living.worker)
    const adopt = () => adoptCalls.run({ db: { sql } } as unknown as PaymentsService)
    await adopt()
    const read = () => sql<{ key: string; kind: string; status: string; tries: number; data: object }[]>`
      select key, kind, status, tries, data from work order by created_at, key`
    const byKey = async () => Object.fromEntries((await read()).map(({ key, ...rest }) => [key, rest]))
    const webhook = { type: 'refund.updated', objectId: 're_1', intentId: null, paymentId: id }
    expect(await byKey()).toEqual({
      [`capture:${id}:1`]: { kind: 'capture', status: 'pending', tries: 2, data: { paymentId: id } },
      [`open-page:${id}:1`]: {
        kind: 'open-page',
        status: 'done',
        tries: 2,
        data: { paymentId: id, request: { mode: 'payment', customer: null }, windowEndsAt: 5 },
      },
      [`void:${id}:1`]: { kind: 'void', status: 'failed', tries: 2, data: { paymentId: id } },
      'webhook:evt_1:1': { kind: 'webhook', status: 'pending', tries: 0, data: webhook },
      'webhook:evt_2:1': { kind: 'webhook', status: 'done', tries: 0, data: webhook },
      'webhook:evt_3:1': { kind: 'webhook', status: 'dead', tries: 0, data: webhook },
    })
    await living.close()
    await expect
      .poll(async () => {
        await adopt()
        return Object.keys(await byKey())
      })
      .toEqual(expect.arrayContaining([`end-page:${id}:1`, 'webhook:evt_4:1']))
    expect([await sql`select from provider_calls`, await sql`select from provider_events`]).toMatchObject([[], []])
  } finally {
    await living.close()
    await sql.end()
  }
})
