// What the version before had planned is done by this one.

import { readFileSync } from 'node:fs'
import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { announceLiveness } from '@aisle/kit/work/liveness'
import { expect, inject, it } from 'vitest'
import type { PaymentsService } from '../context.ts'
import { adoptCalls } from './adopt-calls.ts'

it('calls and webhooks become work under their keys, but for those that a living worker has', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['payments'])
  const sql = connect(databases.url('payments'), { max: 1 })
  const living = await announceLiveness(databases.url('payments'), 'another replica')
  const before = connect(databases.url('payments'), { max: 1, connection: { application_name: 'payments presence' } })
  try {
    await before`select 1`
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
    const work = async () =>
      Object.fromEntries(
        (
          await sql<{ key: string; kind: string; status: string; tries: number; data: object }[]>`
            select key, kind, status, tries, data from work`
        ).map(({ key, ...rest }) => [key, rest]),
      )
    const left = async () =>
      (await sql`select from provider_calls`).length + (await sql`select from provider_events`).length
    const webhook = { type: 'refund.updated', objectId: 're_1', intentId: null, paymentId: id }
    const pending = {
      [`capture:${id}:1`]: { kind: 'capture', status: 'pending', tries: 2, data: { paymentId: id } },
      'webhook:evt_1:1': { kind: 'webhook', status: 'pending', tries: 0, data: webhook },
    }
    await adopt()
    expect(await work()).toEqual(pending)
    // The history waits while a process of the version before may count in it.
    await adopt()
    expect(await work()).toEqual(pending)
    expect(await left()).toBe(6)
    // This version was refused the same call meanwhile, under the key that the version before has planned again.
    await sql`
      insert into work (key, kind, subject, data, status, next_try_at, created_at, finished_at)
      values (${`end-page:${id}:1`}, 'end-page', ${id}, ${sql.json({ paymentId: id })}, 'failed', now(), now(), now())`
    await before.end()
    await living.close()
    await expect
      .poll(async () => {
        await adopt()
        return left()
      })
      .toBe(0)
    expect(await work()).toEqual({
      ...pending,
      [`open-page:${id}:1`]: {
        kind: 'open-page',
        status: 'done',
        tries: 2,
        data: { paymentId: id, request: { mode: 'payment', customer: null }, windowEndsAt: 5 },
      },
      [`void:${id}:1`]: { kind: 'void', status: 'failed', tries: 2, data: { paymentId: id } },
      [`end-page:${id}:1`]: { kind: 'end-page', status: 'pending', tries: 0, data: { paymentId: id } },
      'webhook:evt_2:1': { kind: 'webhook', status: 'done', tries: 0, data: webhook },
      'webhook:evt_3:1': { kind: 'webhook', status: 'dead', tries: 0, data: webhook },
      'webhook:evt_4:1': { kind: 'webhook', status: 'pending', tries: 0, data: webhook },
    })
  } finally {
    await before.end()
    await living.close()
    await sql.end()
  }
})

it('the statement of docs/deploy.md gives it back to the version before', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['payments'])
  const sql = connect(databases.url('payments'), { max: 1 })
  try {
    const page = readFileSync(new URL('../../../docs/deploy.md', import.meta.url), 'utf8')
    const statement = page.slice(page.indexOf('with moved as'), page.indexOf('on conflict do nothing;'))
    await sql`alter table provider_calls drop constraint provider_calls_payment_id_fkey`
    await sql`
      insert into work (key, kind, subject, data, next_try_at, created_at)
      values ('refund:re:1', 'refund', 'p', '{"paymentId": "00000000-0000-7000-8000-000000000001",
        "refundId": "00000000-0000-7000-8000-000000000002", "request": {"amount": 5}}', now(), now()),
      ('webhook:evt_1:1', 'webhook', 'p', '{}', now(), now())`
    await sql.unsafe(`${statement} on conflict do nothing`)
    expect(await sql`select key, op, refund_id, params -> 'request' as request, status from provider_calls`).toEqual([
      {
        key: 'refund:re:1',
        op: 'refund',
        refundId: '00000000-0000-7000-8000-000000000002',
        request: { amount: 5 },
        status: 'pending',
      },
    ])
    expect(await sql`select key from work`).toEqual([{ key: 'webhook:evt_1:1' }])
  } finally {
    await sql.end()
  }
})

it('what is pending does not wait for the history', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['payments'])
  const sql = connect(databases.url('payments'), { max: 1 })
  try {
    await sql`
      insert into provider_events (id, type, object_id, state, next_try_at, received_at)
      select 'evt_' || n, 'refund.updated', 're_1', case n when 2000 then 'pending' else 'done' end, now(), now()
      from generate_series(1, 2000) n`
    await adoptCalls.run({ db: { sql } } as unknown as PaymentsService)
    expect(await sql`select key from work`).toEqual([{ key: 'webhook:evt_2000:1' }])
  } finally {
    await sql.end()
  }
})
