// Durable work: asked for with the fact, done once, whoever dies and when.

import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Tx } from '../db/database.ts'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { openLink } from '../testing/link.ts'
import { openWorkStage, type WorkingProcess, type WorkStage } from '../testing/work-stage.ts'
import { listFailedWork, replayWork } from './failed-work.ts'
import { type AnyPerformer, perform, queue, type Retry, retry, work } from './work.ts'

const mails = queue('mails', {
  places: 2,
  firstPauseMs: 1_000,
  longestPauseMs: 8_000,
  giveUpAfterMs: 60_000,
  keptDays: 1,
})
const Mail = work('mail', Type.Object({ to: Type.String() }), mails)
const money = queue('money', {
  places: 1,
  firstPauseMs: 1_000,
  longestPauseMs: 8_000,
  giveUpAfterMs: null,
  keptDays: 1,
})
const Pay = work('pay', Type.Object({}), money)
const Receipt = work('receipt', Type.Object({}), money)

let databases: TestDatabases
let stage: WorkStage
beforeEach(async () => {
  databases = await cloneDatabases(inject('postgres'), ['alpha'])
  stage = openWorkStage(databases.url('alpha'))
})
afterEach(async () => {
  await stage.close()
  await databases[Symbol.asyncDispose]()
})

/** What was sent, in the world outside. */
let sent: string[]
beforeEach(() => {
  sent = []
})
const sends = (outcome: () => Promise<Retry | undefined> = async () => undefined): AnyPerformer =>
  perform(Mail, async ({ key, data }) => {
    sent.push(`${key} to ${data.to}`)
    return outcome()
  })
const ask = ({ db }: WorkingProcess, key = 'm1', to = 'ann') => db.tx((tx) => tx.later(Mail, key, { to }))
const rows = ({ db }: WorkingProcess) => db.sql<{ key: string; status: string; tries: number; error: string | null }[]>`
  select key, status, tries, error from work order by key`
const statuses = async (process: WorkingProcess) => (await rows(process)).map(({ status }) => status)
/** Sweeps until the work is as expected. A sweep starts work and does not wait for it. */
async function sweepUntil(process: WorkingProcess, status: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await process.worker.sweep()
        return new Set(await statuses(process))
      },
      { timeout: 30_000, interval: 20 },
    )
    .toEqual(new Set([status]))
}
/** A gate that `run` waits at. */
const gate = () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const pass = () => {
    reach()
    return opened
  }
  return { open, reached, pass }
}

describe('work that a transaction asks for', () => {
  it('is done after the commit, and attempted is then true', async () => {
    const process = await stage.open([sends()])
    const asked = await ask(process)
    expect(asked?.key).toBe('mail:m1:1')
    await asked!.attempted
    expect(sent).toEqual(['mail:m1:1 to ann'])
    expect(await rows(process)).toEqual([{ key: 'mail:m1:1', status: 'done', tries: 1, error: null }])
  })

  it('is never done when the transaction does not commit', async () => {
    const process = await stage.open([sends()])
    const gone = process.db.tx(async (tx) => {
      await tx.later(Mail, 'm1', { to: 'ann' })
      throw new Error('changed my mind')
    })
    await expect(gone).rejects.toThrow('changed my mind')
    await process.worker.sweep()
    expect([sent, await rows(process)]).toEqual([[], []])
  })

  it('is done once, however often it is asked for, and by however many processes', async () => {
    const [one, two] = [await stage.open([sends()]), await stage.open([sends()])]
    const asked = await Promise.all(Array.from({ length: 20 }, (_, nth) => ask(nth % 2 ? one : two)))
    await Promise.all(asked.map((each) => each?.attempted))
    expect(asked.filter((each) => each !== null)).toHaveLength(1)
    expect(sent).toHaveLength(1)
  })

  it('that does not match its schema, or of an unknown kind, is refused before anything is written', async () => {
    const process = await stage.open([sends()])
    const wrong = (tx: Tx) => tx.later(Mail, 'm1', { to: 7 as unknown as string })
    await expect(process.db.tx(wrong)).rejects.toThrow('mail for m1 is not as declared: to must be string')
    await expect(process.db.tx((tx) => tx.later(Pay, 'p1', {}))).rejects.toThrow('no work of the kind pay')
    expect(await rows(process)).toEqual([])
  })

  it('carries the request that caused it', async () => {
    const origins: unknown[] = []
    const process = await stage.open([perform(Mail, async ({ origin }) => void origins.push(origin.requestId))])
    const asked = await process.db.tx((tx) => tx.later(Mail, 'm1', { to: 'ann' }), { requestId: 'request-1' })
    await asked!.attempted
    expect(origins).toEqual(['request-1'])
  })
})

describe('a process that dies', () => {
  it('before it has begun: another one does the work at once', async () => {
    const [one, two] = [await stage.open([sends()]), await stage.open([sends()])]
    await one.die()
    // Committed by the dead one, and claimed by it.
    await two.db.sql`
      insert into work (key, kind, subject, data, taken_by, next_try_at, created_at)
      values ('mail:m1:1', 'mail', 'm1', '{"to": "ann"}', ${one.liveness.worker},
        ${new Date(stage.clock.now().getTime() + 45_000)}, ${stage.clock.now()})`
    await sweepUntil(two, 'done')
    expect(sent).toEqual(['mail:m1:1 to ann'])
  })

  it('in the middle: another one repeats it under the same key', async () => {
    const held = gate()
    const one = await stage.open([
      perform(Mail, async ({ key }) => {
        sent.push(`${key} by one`)
        await held.pass()
      }),
    ])
    const two = await stage.open([perform(Mail, async ({ key, tries }) => void sent.push(`${key} by two, ${tries}`))])
    await ask(one)
    await held.reached
    await two.worker.sweep()
    expect(sent).toEqual(['mail:m1:1 by one'])
    await one.die()
    await sweepUntil(two, 'done')
    expect(sent).toEqual(['mail:m1:1 by one', 'mail:m1:1 by two, 0'])
    // What the dead one would still record changes nothing.
    held.open()
    expect(await rows(two)).toMatchObject([{ status: 'done', tries: 1 }])
  })

  it('without having lost its connection: its work is claimed when the lease has ended', async () => {
    const held = gate()
    const one = await stage.open([perform(Mail, () => held.pass())])
    const two = await stage.open([sends()])
    await ask(one)
    await held.reached
    stage.clock.advance(44_000)
    await two.worker.sweep()
    expect(sent).toEqual([])
    stage.clock.advance(2_000)
    await sweepUntil(two, 'done')
    expect(sent).toHaveLength(1)
    held.open()
  })

  it('not: a living one renews its lease while it works', async () => {
    const held = gate()
    const one = await stage.open([perform(Mail, () => held.pass())])
    const two = await stage.open([sends()])
    const asked = await ask(one)
    await held.reached
    for (let minute = 0; minute < 8; minute++) {
      stage.clock.advance(30_000)
      await two.worker.sweep()
      await one.worker.sweep()
    }
    expect(sent).toEqual([])
    held.open()
    await asked!.attempted
    expect(await statuses(one)).toEqual(['done'])
  })
})

describe('two processes', () => {
  it('share what is due, and none of it is done twice', async () => {
    const [one, two] = [await stage.open([sends()]), await stage.open([sends()])]
    await one.db.sql`
      insert into work (key, kind, subject, data, next_try_at, created_at)
      select 'mail:' || n || ':1', 'mail', n, '{"to": "ann"}', ${stage.clock.now()}, ${stage.clock.now()}
      from generate_series(1, 200) n`
    await Promise.all([sweepUntil(one, 'done'), sweepUntil(two, 'done')])
    expect(sent).toHaveLength(200)
    expect(new Set(sent).size).toBe(200)
  })
})

describe('an outcome that is unknown', () => {
  it('is tried again under the same key, with growing pauses up to the longest', async () => {
    const process = await stage.open([sends(async () => retry(new Error('no answer')))])
    const asked = await ask(process)
    await asked!.attempted
    const pauses: number[] = []
    for (let tries = 1; tries <= 5; tries++) {
      const [row] = await process.db.sql<{ at: Date }[]>`select next_try_at as at from work`
      const pause = row!.at.getTime() - stage.clock.now().getTime()
      pauses.push(pause)
      stage.clock.advance(pause - 1)
      await process.worker.sweep()
      expect(sent).toHaveLength(tries)
      stage.clock.advance(1)
      await process.worker.sweep()
      await expect.poll(async () => (await rows(process))[0]?.tries).toBe(tries + 1)
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000])
    expect(new Set(sent)).toEqual(new Set(['mail:m1:1 to ann']))
    expect(await rows(process)).toMatchObject([{ status: 'pending', error: 'no answer' }])
  })

  it('is also an error that is thrown', async () => {
    let fails = true
    const process = await stage.open([
      sends(async () => {
        if (fails) throw new Error('out of order')
        return undefined
      }),
    ])
    await (await ask(process))!.attempted
    expect(process.logged).toContain('work could not be finished')
    fails = false
    stage.clock.advance(1_000)
    await sweepUntil(process, 'done')
    expect(sent).toHaveLength(2)
  })

  it('becomes a dead letter by age, is listed, and is replayed', async () => {
    let fails = true
    const process = await stage.open([sends(async () => (fails ? retry(new Error('no answer')) : undefined))])
    await (await ask(process))!.attempted
    stage.clock.advance(61_000)
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
    const process = await stage.open([perform(Pay, async () => retry(new Error('no answer')))])
    await (await process.db.tx((tx) => tx.later(Pay, 'p1', {})))!.attempted
    stage.clock.advance(365 * 24 * 3_600_000)
    await process.worker.sweep()
    await expect.poll(async () => (await rows(process))[0]?.tries).toBe(2)
    expect(await statuses(process)).toEqual(['pending'])
  })
})

describe('a definitive refusal', () => {
  const refuses = () =>
    perform(Mail, async (job, { db }: { db: WorkingProcess['db'] }) => {
      sent.push(`${job.key} number ${job.number}`)
      await db.tx(async (tx) => job.failed(tx, 'no such address'))
    })

  it('ends the work; asked for again, it gets the next key', async () => {
    const service: { db?: WorkingProcess['db'] } = {}
    const process = await stage.open([refuses()], { service })
    service.db = process.db
    await (await ask(process))!.attempted
    await process.worker.sweep()
    expect(await rows(process)).toMatchObject([{ status: 'failed', tries: 1, error: 'no such address' }])
    await (await ask(process))!.attempted
    expect(sent).toEqual(['mail:m1:1 number 1', 'mail:m1:2 number 2'])
  })

  it('of the key alone: the work goes on under the next key', async () => {
    const process = await stage.open([
      perform(Mail, async ({ key, number }) => {
        sent.push(key)
        return number === 1 ? retry(new Error('key is spent'), { nextKey: true }) : undefined
      }),
    ])
    await (await ask(process))!.attempted
    stage.clock.advance(1_000)
    await expect
      .poll(async () => {
        await process.worker.sweep()
        return statuses(process)
      })
      .toEqual(['failed', 'done'])
    expect(sent).toEqual(['mail:m1:1', 'mail:m1:2'])
  })
})

it('the effect and the end of the work commit together, or neither', async () => {
  const service: { db?: WorkingProcess['db'] } = {}
  let fails = true
  const process = await stage.open(
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
  stage.clock.advance(1_000)
  await sweepUntil(process, 'done')
  expect(await process.db.sql`select key from effects`).toEqual([{ key: 'mail:m1:1' }])
})

it('what follows from work is waited for without its place', async () => {
  const service: { db?: WorkingProcess['db'] } = {}
  const process = await stage.open(
    [
      perform(Pay, (job, { db }: { db: WorkingProcess['db'] }) =>
        db.tx(async (tx) => {
          job.done(tx)
          return tx.later(Receipt, job.subject, {})
        }),
      ),
      perform(Receipt, async ({ key }) => void sent.push(key)),
    ],
    { service },
  )
  service.db = process.db
  // One place in all: a work that waited for the next one while it has the place would wait for ever.
  const asked = await Promise.all([1, 2, 3].map((nth) => process.db.tx((tx) => tx.later(Pay, `p${nth}`, {}))))
  await Promise.all(asked.map((each) => each!.attempted))
  expect(sent.toSorted()).toEqual(['receipt:p1:1', 'receipt:p2:1', 'receipt:p3:1'])
})

it('no more runs at once than there are places, and no more is held than five for each', async () => {
  const held = gate()
  let [running, most] = [0, 0]
  const process = await stage.open([
    perform(Mail, async () => {
      most = Math.max(most, ++running)
      await held.pass()
      running--
    }),
  ])
  await Promise.all(Array.from({ length: 30 }, (_, nth) => ask(process, `m${nth}`)))
  expect(process.worker.held(mails)).toHaveLength(10)
  held.open()
  await expect
    .poll(
      async () => {
        stage.clock.advance(1_000)
        await process.worker.sweep()
        return new Set(await statuses(process))
      },
      { timeout: 30_000 },
    )
    .toEqual(new Set(['done']))
  expect(most).toBe(2)
  expect(process.worker.held(mails)).toEqual([])
})

it('a stop waits for what is under way and starts no more', async () => {
  const held = gate()
  const process = await stage.open([perform(Mail, () => held.pass())])
  await Promise.all(['m1', 'm2', 'm3'].map((key) => ask(process, key)))
  await held.reached
  let isDrained = false
  const drained = process.worker.drain().then(() => {
    isDrained = true
  })
  await ask(process, 'm4')
  expect(isDrained).toBe(false)
  held.open()
  await drained
  expect((await statuses(process)).toSorted()).toEqual(['done', 'done', 'pending', 'pending'])
})

describe('a database that goes away', () => {
  it('while the end is recorded: the process claims its own work again within seconds', async () => {
    const url = new URL(databases.url('alpha'))
    const link = await openLink(Number(url.port))
    url.hostname = '127.0.0.1'
    url.port = String(link.port)
    try {
      const held = gate()
      const process = await stage.open([sends(() => held.pass().then(() => undefined))], { url: url.href })
      const asked = await ask(process)
      await held.reached
      link.set('cut')
      held.open()
      await asked!.attempted
      link.set('open')
      stage.clock.advance(2_900)
      await process.worker.sweep()
      expect(sent).toHaveLength(1)
      stage.clock.advance(200)
      await sweepUntil(process, 'done')
      expect(sent).toEqual(['mail:m1:1 to ann', 'mail:m1:1 to ann'])
    } finally {
      await link.close()
    }
  })
})

it('work that a wrong clock has put into the far future is done now', async () => {
  const process = await stage.open([sends()])
  await process.db.sql`
    insert into work (key, kind, subject, data, next_try_at, created_at)
    values ('mail:m1:1', 'mail', 'm1', '{"to": "ann"}', ${new Date(stage.clock.now().getTime() + 86_400_000)},
      ${stage.clock.now()})`
  await sweepUntil(process, 'done')
})

it('the oldest unfinished work shows in the metrics', async () => {
  const process = await stage.open([sends(async () => retry(new Error('no answer')))])
  await (await ask(process))!.attempted
  stage.clock.advance(30_000)
  const text = async (name: string) => process.metrics.registry.getSingleMetricAsString(name)
  expect(await text('work_oldest_seconds')).toMatch(/queue="mails",kind="mail",service="alpha"\} 30$/m)
  expect(await text('work')).toMatch(/kind="mail",state="retrying",service="alpha"\} 1$/m)
  expect(await text('work_total')).toMatch(/kind="mail",outcome="retried",service="alpha"\} 1$/m)
})

it('a scrape reads what is unfinished, however much is done', async () => {
  const process = await stage.open([sends()])
  const { sql } = process.db
  await sql`
    insert into work (key, kind, subject, data, status, tries, next_try_at, created_at, finished_at)
    select 'mail:' || n || ':1', 'mail', n, '{}', state, n % 3, now(), now(), case when state <> 'pending' then now() end
    from generate_series(1, 30000) n,
      lateral (select case n % 10000 when 1 then 'pending' when 2 then 'dead' else 'done' end as state) s`
  await sql`vacuum analyze work`
  const before = await scans()
  const text = await process.metrics.registry.getSingleMetricAsString('work')
  expect([...text.matchAll(/state="(\w+)".*\} (\d+)$/gm)].map(([, state, count]) => [state, Number(count)])).toEqual([
    ['pending', 1],
    ['retrying', 2],
    ['dead', 3],
  ])
  await process.metrics.registry.getSingleMetricAsString('work_oldest_seconds')
  expect(await scans()).toEqual(before)

  async function scans(): Promise<number> {
    await sql`select pg_stat_force_next_flush()`
    await sql`select pg_stat_clear_snapshot()`
    const [row] = await sql<{ count: number }[]>`
      select seq_scan::int as count from pg_stat_user_tables where relname = 'work'`
    return row!.count
  }
})
