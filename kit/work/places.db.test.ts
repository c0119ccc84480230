// Several pieces of durable work at once: places, queues, processes, and what the metrics show.

import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { ask, gate, Mail, mails, Pay, Receipt, statuses, sweepUntil, workFixture } from '../testing/work-fixture.ts'
import type { WorkingProcess } from '../testing/work-stage.ts'
import { perform, queue, retry, work } from './work.ts'

const fixture = workFixture()

describe('two processes', () => {
  it('share what is due, and none of it is done twice', async () => {
    const [one, two] = [await fixture.stage.open([fixture.sends()]), await fixture.stage.open([fixture.sends()])]
    await one.db.sql`
      insert into work (key, kind, subject, data, next_try_at, created_at)
      select 'mail:' || n || ':1', 'mail', n, '{"to": "ann"}', ${fixture.stage.clock.now()}, ${fixture.stage.clock.now()}
      from generate_series(1, 200) n`
    await Promise.all([sweepUntil(one, 'done'), sweepUntil(two, 'done')])
    expect(fixture.sent).toHaveLength(200)
    expect(new Set(fixture.sent).size).toBe(200)
  })
})

it('a queue that is full holds up no other, and its work is left to others', async () => {
  const held = gate()
  const [one, two] = [
    await fixture.stage.open([
      fixture.sends(() => held.pass().then(() => undefined)),
      perform(Pay, async ({ key }) => void fixture.sent.push(key)),
    ]),
    await fixture.stage.open([fixture.sends()]),
  ]
  for (let nth = 1; nth <= 11; nth++) await ask(one, `m${nth}`)
  await (await ask(one, 'm12'))!.attempted
  await (await one.db.tx((tx) => tx.later(Pay, 'p1', {})))!.attempted
  expect(fixture.sent).toContain('pay:p1:1')
  await two.worker.sweep()
  await expect.poll(() => fixture.sent).toEqual(expect.arrayContaining(['mail:m11:1 to ann', 'mail:m12:1 to ann']))
  held.open()
})

it('work about one subject is done one after the other, where its queue says so', async () => {
  const parcels = queue('parcels', { ...mails, places: 5, oneBySubject: true })
  const Parcel = work('parcel', Type.Object({}), parcels)
  const running = new Map<string, number>()
  let most = 0
  const process = await fixture.stage.open([
    perform(Parcel, async ({ subject, key }) => {
      running.set(subject, (running.get(subject) ?? 0) + 1)
      most = Math.max(most, running.get(subject)!)
      await new Promise(setImmediate)
      running.set(subject, running.get(subject)! - 1)
      fixture.sent.push(key)
    }),
  ])
  const asked = await Promise.all(
    Array.from({ length: 12 }, (_, nth) =>
      process.db.tx((tx) => tx.later(Parcel, `p${nth}`, {}, { subject: nth % 2 ? 'odd' : 'even' })),
    ),
  )
  await Promise.all(asked.map((each) => each!.attempted))
  expect([fixture.sent.length, most]).toEqual([12, 1])
})

it('what follows from work is waited for without its place', async () => {
  const service: { db?: WorkingProcess['db'] } = {}
  const process = await fixture.stage.open(
    [
      perform(Pay, (job, { db }: { db: WorkingProcess['db'] }) =>
        db.tx(async (tx) => {
          job.done(tx)
          return tx.later(Receipt, job.subject, {})
        }),
      ),
      perform(Receipt, async ({ key }) => void fixture.sent.push(key)),
    ],
    { service },
  )
  service.db = process.db
  // One place in all: a work that waited for the next one while it has the place would wait for ever.
  const asked = await Promise.all([1, 2, 3].map((nth) => process.db.tx((tx) => tx.later(Pay, `p${nth}`, {}))))
  await Promise.all(asked.map((each) => each!.attempted))
  expect(fixture.sent.toSorted()).toEqual(['receipt:p1:1', 'receipt:p2:1', 'receipt:p3:1'])
})

it('no more runs at once than there are places, and no more is held than five for each', async () => {
  const held = gate()
  let [running, most] = [0, 0]
  const process = await fixture.stage.open([
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
        fixture.stage.clock.advance(1_000)
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
  const process = await fixture.stage.open([perform(Mail, () => held.pass())])
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

it('the oldest unfinished work shows in the metrics', async () => {
  const process = await fixture.stage.open([fixture.sends(async () => retry(new Error('no answer')))])
  await (await ask(process))!.attempted
  fixture.stage.clock.advance(30_000)
  const text = async (name: string) => process.metrics.registry.getSingleMetricAsString(name)
  expect(await text('work_oldest_seconds')).toMatch(/queue="mails",kind="mail",service="alpha"\} 30$/m)
  expect(await text('work')).toMatch(/kind="mail",state="retrying",service="alpha"\} 1$/m)
  expect(await text('work_total')).toMatch(/kind="mail",outcome="retried",service="alpha"\} 1$/m)
})

it('a scrape reads what is unfinished, however much is done', async () => {
  const process = await fixture.stage.open([fixture.sends()])
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

it('a wait for the work about a subject ends with it, or when its time is over', async () => {
  const held = gate()
  const process = await fixture.stage.open([perform(Mail, () => held.pass())])
  const asked = await ask(process)
  await held.reached
  await process.worker.whileHeld(mails, 'other', 60_000)
  await process.worker.whileHeld(mails, 'm1', 1)
  const waiting = process.worker.whileHeld(mails, 'm1', 60_000).then(() => 'over')
  expect(await Promise.race([waiting, new Promise((resolve) => setImmediate(resolve, 'waiting'))])).toBe('waiting')
  held.open()
  await asked!.attempted
  expect(await waiting).toBe('over')
})
