// What becomes of durable work whose outcome is unknown, refused, or recorded with its effect.

import { describe, expect, it } from 'vitest'
import { Rollback } from '../db/database.ts'
import { ask, Mail, Pay, rows, statuses, sweepUntil, workFixture } from '../testing/work-fixture.ts'
import type { WorkingProcess } from '../testing/work-stage.ts'
import { listFailedWork, replayWork } from './failed-work.ts'
import { perform, retry } from './work.ts'

const fixture = workFixture()

describe('an outcome that is unknown', () => {
  it('is tried again under the same key, with growing pauses up to the longest', async () => {
    const process = await fixture.stage.open([fixture.sends(async () => retry(new Error('no answer')))])
    const asked = await ask(process)
    await asked!.attempted
    const pauses: number[] = []
    for (let tries = 1; tries <= 5; tries++) {
      const [row] = await process.db.sql<{ at: Date }[]>`select next_try_at as at from work`
      const pause = row!.at.getTime() - fixture.stage.clock.now().getTime()
      pauses.push(pause)
      fixture.stage.clock.advance(pause - 1)
      await process.worker.sweep()
      expect(fixture.sent).toHaveLength(tries)
      fixture.stage.clock.advance(1)
      await process.worker.sweep()
      await expect.poll(async () => (await rows(process))[0]?.tries).toBe(tries + 1)
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000])
    expect(new Set(fixture.sent)).toEqual(new Set(['mail:m1:1 to ann']))
    expect(await rows(process)).toMatchObject([{ status: 'pending', error: 'no answer' }])
  })

  it('is also an error that is thrown', async () => {
    let fails = true
    const process = await fixture.stage.open([
      fixture.sends(async () => {
        if (fails) throw new Error('out of order')
        return undefined
      }),
    ])
    await (await ask(process))!.attempted
    expect(process.logged).toContain('work could not be finished')
    fails = false
    fixture.stage.clock.advance(1_000)
    await sweepUntil(process, 'done')
    expect(fixture.sent).toHaveLength(2)
  })

  it('becomes a dead letter by age, is listed, and is replayed', async () => {
    let fails = true
    const process = await fixture.stage.open([
      fixture.sends(async () => (fails ? retry(new Error('no answer')) : undefined)),
    ])
    await (await ask(process))!.attempted
    fixture.stage.clock.advance(61_000)
    await sweepUntil(process, 'dead')
    expect(await listFailedWork(process.db.sql)).toMatchObject([
      { key: 'mail:m1:1', kind: 'mail', subject: 'm1', state: 'dead', tries: 2, error: 'no answer' },
    ])
    expect(await process.metrics.registry.getSingleMetricAsString('work')).toMatch(/state="dead",service="alpha"\} 1$/m)
    // Asked for again, it is still the same work.
    expect(await ask(process)).toBeNull()
    fails = false
    expect(await replayWork(process.db.sql, 'mail:other:1')).toBe(0)
    expect(await replayWork(process.db.sql, 'mail:m1:1')).toBe(1)
    await sweepUntil(process, 'done')
    expect(await listFailedWork(process.db.sql)).toEqual([])
  })

  it('of a queue that never gives up is tried for ever', async () => {
    const process = await fixture.stage.open([perform(Pay, async () => retry(new Error('no answer')))])
    await (await process.db.tx((tx) => tx.later(Pay, 'p1', {})))!.attempted
    fixture.stage.clock.advance(365 * 24 * 3_600_000)
    await process.worker.sweep()
    await expect.poll(async () => (await rows(process))[0]?.tries).toBe(2)
    expect(await statuses(process)).toEqual(['pending'])
  })
})

describe('a definitive refusal', () => {
  const refuses = () =>
    perform(Mail, async (job, { db }: { db: WorkingProcess['db'] }) => {
      fixture.sent.push(`${job.key} number ${job.number}`)
      await db.tx(async (tx) => job.failed(tx, 'no such address'))
    })

  it('ends the work; asked for again, it gets the next key', async () => {
    const service: { db?: WorkingProcess['db'] } = {}
    const process = await fixture.stage.open([refuses()], { service })
    service.db = process.db
    await (await ask(process))!.attempted
    await process.worker.sweep()
    expect(await rows(process)).toMatchObject([{ status: 'failed', tries: 1, error: 'no such address' }])
    await (await ask(process))!.attempted
    expect(fixture.sent).toEqual(['mail:m1:1 number 1', 'mail:m1:2 number 2'])
  })

  it('is remembered for as long as any of its attempts is kept', async () => {
    const service: { db?: WorkingProcess['db'] } = {}
    const process = await fixture.stage.open([refuses()], { service })
    service.db = process.db
    for (let nth = 0; nth < 2; nth++) await (await ask(process))!.attempted
    await process.db.sql`delete from work where key = 'mail:m1:1'`
    await (await ask(process))!.attempted
    expect(fixture.sent.at(-1)).toBe('mail:m1:3 number 3')
  })

  it('of the key alone: the work goes on under the next key', async () => {
    const process = await fixture.stage.open([
      perform(Mail, async ({ key, number }) => {
        fixture.sent.push(key)
        return number === 1 ? retry(new Error('key is spent'), { nextKey: true }) : undefined
      }),
    ])
    const asked = await process.db.tx((tx) => tx.later(Mail, 'm1', { to: 'ann' }), { requestId: 'request-1' })
    await asked!.attempted
    await process.worker.sweep()
    expect(fixture.sent).toEqual(['mail:m1:1'])
    fixture.stage.clock.advance(1_000)
    await expect
      .poll(async () => {
        await process.worker.sweep()
        return statuses(process)
      })
      .toEqual(['failed', 'done'])
    expect(fixture.sent).toEqual(['mail:m1:1', 'mail:m1:2'])
    const [first, second] = await process.db.sql`
      select subject, data, request_id, created_at from work order by key`
    expect(second).toEqual(first)
  })
})

it('the effect and the end of the work commit together, or neither', async () => {
  const service: { db?: WorkingProcess['db'] } = {}
  let fails = true
  const process = await fixture.stage.open(
    [
      perform(Mail, async (job, { db }: { db: WorkingProcess['db'] }) => {
        await db.tx(async (tx) => {
          job.done(tx)
          await tx.sql`insert into effects values (${job.key})`
          if (fails) throw new Error('after all not')
        })
      }),
    ],
    { service },
  )
  service.db = process.db
  await process.db.sql`create table effects (key text primary key)`
  await (await ask(process))!.attempted
  expect([await process.db.sql`select from effects`, await statuses(process)]).toMatchObject([[], ['pending']])
  fails = false
  fixture.stage.clock.advance(1_000)
  await sweepUntil(process, 'done')
  expect(await process.db.sql`select key from effects`).toEqual([{ key: 'mail:m1:1' }])
})

it('an end in a transaction that is left without a commit does not count: the work is recorded as done', async () => {
  const service: { db?: WorkingProcess['db'] } = {}
  const process = await fixture.stage.open(
    [
      perform(Mail, async (job, { db }: { db: WorkingProcess['db'] }) => {
        await db.tx(async (tx) => {
          job.failed(tx, 'no such address')
          throw new Rollback(null)
        })
      }),
    ],
    { service },
  )
  service.db = process.db
  await (await ask(process))!.attempted
  expect(await rows(process)).toMatchObject([{ status: 'done', tries: 1 }])
})

it('work that is asked for as done is recorded and never run', async () => {
  let runs = 0
  const process = await fixture.stage.open([perform(Mail, async () => void runs++)], { service: {} })
  const ask = () => process.db.tx((tx) => tx.later(Mail, 'm1', { to: 'ann' }, { isDone: true }))
  const asked = await ask()
  expect(asked?.key).toBe('mail:m1:1')
  await asked!.attempted
  expect(await ask()).toBe(null)
  await process.worker.sweep()
  expect([runs, await rows(process)]).toMatchObject([0, [{ status: 'done', tries: 1 }]])
})

it('an error after the end was recorded changes nothing', async () => {
  const service: { db?: WorkingProcess['db'] } = {}
  const process = await fixture.stage.open(
    [
      perform(Mail, async (job, { db }: { db: WorkingProcess['db'] }) => {
        await db.tx(async (tx) => job.done(tx))
        throw new Error('too late')
      }),
    ],
    { service },
  )
  service.db = process.db
  await (await ask(process))!.attempted
  expect(await rows(process)).toMatchObject([{ status: 'done', tries: 1 }])
  expect(process.logged).toEqual(['work could not be finished'])
  expect(await process.metrics.registry.getSingleMetricAsString('work_total')).not.toContain('outcome="retried"')
})
