// Durable work: asked for with the fact, done once, whichever process dies and when.

import { describe, expect, it } from 'vitest'
import type { Tx } from '../db/database.ts'
import { openLink } from '../testing/link.ts'
import { ask, gate, Mail, Pay, rows, statuses, sweepUntil, workFixture } from '../testing/work-fixture.ts'
import { perform } from './work.ts'

const fixture = workFixture()

describe('work that a transaction asks for', () => {
  it('is done after the commit, and attempted is then true', async () => {
    const process = await fixture.stage.open([fixture.sends()])
    const asked = await ask(process)
    expect(asked?.key).toBe('mail:m1:1')
    await asked!.attempted
    expect(fixture.sent).toEqual(['mail:m1:1 to ann'])
    expect(await rows(process)).toEqual([{ key: 'mail:m1:1', status: 'done', tries: 1, error: null }])
  })

  it('is never done when the transaction does not commit', async () => {
    const process = await fixture.stage.open([fixture.sends()])
    const gone = process.db.tx(async (tx) => {
      await tx.later(Mail, 'm1', { to: 'ann' })
      throw new Error('changed my mind')
    })
    await expect(gone).rejects.toThrow('changed my mind')
    await process.worker.sweep()
    expect([fixture.sent, await rows(process)]).toEqual([[], []])
  })

  it('is done once, however often it is asked for, and by however many processes', async () => {
    const [one, two] = [await fixture.stage.open([fixture.sends()]), await fixture.stage.open([fixture.sends()])]
    const asked = await Promise.all(Array.from({ length: 20 }, (_, nth) => ask(nth % 2 ? one : two)))
    await Promise.all(asked.map((each) => each?.attempted))
    expect(asked.filter((each) => each !== null)).toHaveLength(1)
    expect(fixture.sent).toHaveLength(1)
  })

  it('that does not match its schema, or of an unknown kind, is refused before anything is written', async () => {
    const process = await fixture.stage.open([fixture.sends()])
    const wrong = (tx: Tx) => tx.later(Mail, 'm1', { to: 7 as unknown as string })
    await expect(process.db.tx(wrong)).rejects.toThrow('mail for m1 is not as declared: to must be string')
    await expect(process.db.tx((tx) => tx.later(Pay, 'p1', {}))).rejects.toThrow('no work of the kind pay')
    expect(await rows(process)).toEqual([])
  })

  it('carries the request that caused it', async () => {
    const origins: unknown[] = []
    const process = await fixture.stage.open([perform(Mail, async ({ origin }) => void origins.push(origin.requestId))])
    const asked = await process.db.tx((tx) => tx.later(Mail, 'm1', { to: 'ann' }), { requestId: 'request-1' })
    await asked!.attempted
    expect(origins).toEqual(['request-1'])
  })
})

describe('a process that dies', () => {
  it('before it has begun: another one does the work at once', async () => {
    const [one, two] = [await fixture.stage.open([fixture.sends()]), await fixture.stage.open([fixture.sends()])]
    await one.die()
    // Committed by the dead one, and claimed by it.
    await two.db.sql`
      insert into work (key, kind, subject, data, taken_by, next_try_at, created_at)
      values ('mail:m1:1', 'mail', 'm1', '{"to": "ann"}', ${one.liveness.worker},
        ${new Date(fixture.stage.clock.now().getTime() + 45_000)}, ${fixture.stage.clock.now()})`
    await sweepUntil(two, 'done')
    expect(fixture.sent).toEqual(['mail:m1:1 to ann'])
  })

  it('in the middle: another one repeats it under the same key', async () => {
    const held = gate()
    const one = await fixture.stage.open([
      perform(Mail, async ({ key }) => {
        fixture.sent.push(`${key} by one`)
        await held.pass()
      }),
    ])
    const two = await fixture.stage.open([
      perform(Mail, async ({ key, tries }) => void fixture.sent.push(`${key} by two, ${tries}`)),
    ])
    const asked = await ask(one)
    await held.reached
    await two.worker.sweep()
    expect(fixture.sent).toEqual(['mail:m1:1 by one'])
    await one.die()
    await sweepUntil(two, 'done')
    expect(fixture.sent).toEqual(['mail:m1:1 by one', 'mail:m1:1 by two, 0'])
    // What the one that was taken for dead records late changes nothing.
    held.open()
    await asked!.attempted
    expect(await rows(two)).toMatchObject([{ status: 'done', tries: 1 }])
  })

  it('without having lost its connection: its work is claimed when the lease has ended', async () => {
    const held = gate()
    const one = await fixture.stage.open([perform(Mail, () => held.pass())])
    const two = await fixture.stage.open([fixture.sends()])
    await ask(one)
    await held.reached
    fixture.stage.clock.advance(44_000)
    await two.worker.sweep()
    expect(fixture.sent).toEqual([])
    fixture.stage.clock.advance(2_000)
    await sweepUntil(two, 'done')
    expect(fixture.sent).toHaveLength(1)
    held.open()
  })

  it('not: a living one renews its lease while it works', async () => {
    const held = gate()
    const one = await fixture.stage.open([perform(Mail, () => held.pass())])
    const two = await fixture.stage.open([fixture.sends()])
    const asked = await ask(one)
    await held.reached
    for (let minute = 0; minute < 8; minute++) {
      fixture.stage.clock.advance(30_000)
      await two.worker.sweep()
      await one.worker.sweep()
    }
    expect(fixture.sent).toEqual([])
    held.open()
    await asked!.attempted
    expect(await statuses(one)).toEqual(['done'])
  })
})

describe('a database that goes away', () => {
  it('while the end is recorded: the process claims its own work again within seconds', async () => {
    const url = new URL(fixture.databases.url('alpha'))
    const link = await openLink(Number(url.port))
    url.hostname = '127.0.0.1'
    url.port = String(link.port)
    try {
      const held = gate()
      const process = await fixture.stage.open([fixture.sends(() => held.pass().then(() => undefined))], {
        url: url.href,
      })
      const asked = await ask(process)
      await held.reached
      link.set('cut')
      held.open()
      await asked!.attempted
      link.set('open')
      fixture.stage.clock.advance(2_900)
      // The first sweep may still find the lost connection.
      await expect.poll(() => process.worker.sweep()).toBeGreaterThan(0)
      expect(fixture.sent).toHaveLength(1)
      fixture.stage.clock.advance(200)
      await sweepUntil(process, 'done')
      expect(fixture.sent).toEqual(['mail:m1:1 to ann', 'mail:m1:1 to ann'])
    } finally {
      await link.close()
    }
  })
})

it('work that a wrong clock has put into the far future is done now', async () => {
  const process = await fixture.stage.open([fixture.sends()])
  await process.db.sql`
    insert into work (key, kind, subject, data, next_try_at, created_at)
    values ('mail:m1:1', 'mail', 'm1', '{"to": "ann"}', ${new Date(fixture.stage.clock.now().getTime() + 86_400_000)},
      ${fixture.stage.clock.now()})`
  await sweepUntil(process, 'done')
})
