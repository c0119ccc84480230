// What every bus must do. The tests of each implementation run this suite against real databases.

import { describe, expect, it } from 'vitest'
import { type BusWorld, busStage, Happened, range } from '../testing/bus-stage.ts'
import { until } from '../testing/settled.ts'
import { newId } from '../time/ids.ts'
import { listFailedMessages, replayMessages } from './failed-messages.ts'
import { later } from './reaction.ts'

/** Declares the suite's tests for the bus called `name`; `open` makes the databases and the bus of one test. */
export function describeBus(name: string, open: () => Promise<BusWorld>): void {
  const { publisher, listener, announcer, listen, write, say, raw, notes, heard, exactly, envelopeOf } = busStage(open)

  describe(`the ${name} bus`, () => {
    it('delivers the messages about one thing in the order in which they were emitted', async () => {
      await listen()
      const things = range(5).map(() => newId())
      for (let n = 0; n < 200; n += 4) await say(range(4, n).map((m) => ({ id: things[m % 5]!, n: m })))
      await heard(200)
      for (const id of things) {
        const own = (await notes()).filter((note) => note.id === id).map(({ n }) => n)
        expect(own).toEqual(own.toSorted((a, b) => a - b))
        expect(own.length).toBe(40)
      }
    })

    it('reports how far a listener is behind, and when it has caught up', async () => {
      const [begun, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const { bus } = await listen(async (tx, message, service, delivery) => {
        begun.resolve()
        await opened.promise
        return write(tx, message, service, delivery)
      })
      const behind = () => bus.behind().catch(() => [])
      await say(range(3).map((n) => ({ id: newId(), n })))
      // A message that was handed to the listener but has had no effect yet counts as well.
      await begun.promise
      const late = await behind()
      expect(late).toMatchObject([{ publisher: 'alpha', messages: 3 }])
      expect(late[0]?.oldestSeconds).toBeGreaterThan(0)
      opened.resolve()
      await exactly(range(3))
      const caughtUp = await until(behind, ([backlog]) => backlog?.messages === 0, 'nothing behind')
      expect(caughtUp).toEqual([{ publisher: 'alpha', messages: 0, oldestSeconds: 0 }])
    })

    it('delivers messages from before the first listener, and more than one batch from one commit', async () => {
      const id = newId()
      await say(range(1_000).map((n) => ({ id, n })))
      await listen()
      expect(await heard(1_000)).toEqual(range(1_000))
      await exactly(range(1_000))
    })

    it('skips nothing when transactions commit in another order than they began', async () => {
      await listen()
      const [early, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const begun = Promise.withResolvers<void>()
      const slow = publisher().tx(async (tx) => {
        await tx.sql`insert into kept (n) values (1)`
        await tx.sql`insert into outbox (message)
          values (${JSON.stringify(envelopeOf({ id: newId(), n: 0 }))}::text::json)`
        begun.resolve()
        await early.promise
        tx.emit(Happened, newId(), { id: newId(), n: 1 })
        await late.promise
      })
      await begun.promise
      await say([{ id: newId(), n: 2 }])
      early.resolve()
      await say([{ id: newId(), n: 3 }])
      // A reader that skipped the open transaction would have done so soon after the notification.
      const deadline = performance.now() + 600
      await until(notes, (rows) => rows.length === 2 || performance.now() > deadline)
      late.resolve()
      await slow
      await heard(4)
      await exactly(range(4))
    })

    it('skips nothing when many commit at once', async () => {
      await listen()
      const writers = range(8).map(async (writer) => {
        for (const n of range(40, writer * 40)) await say([{ id: newId(), n }])
      })
      await Promise.all(writers)
      await heard(320)
      await exactly(range(320))
    })

    it('delivers nothing of a transaction that was rolled back', async () => {
      await listen()
      await expect(
        publisher().tx(async (tx) => {
          tx.emit(Happened, newId(), { id: newId(), n: 7 })
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      await exactly([])
    })

    it('applies a message that is delivered twice once', async () => {
      await listen()
      const twice = envelopeOf({ id: newId(), n: 0 })
      await raw(twice, envelopeOf({ id: newId(), n: 1 }), twice)
      await heard(2)
      await raw(twice)
      await exactly([0, 1])
    })

    it('loses and duplicates nothing when a listener stops midway', async () => {
      const id = newId()
      await say(range(600).map((n) => ({ id, n })))
      let ended = Promise.resolve()
      let current = await listen()
      for (const at of [100, 300, 500]) {
        let stopping = false
        await until(
          async () => {
            const count = (await notes()).length
            if (count >= at && !stopping) {
              stopping = true
              ended = current.stop()
            }
            return stopping
          },
          (done) => done,
        )
        await ended
        current = await listen()
      }
      expect(await heard(600)).toEqual(range(600))
      await exactly(range(600))
    })

    it('retries, dead-letters and replays a failing message without blocking others', async () => {
      let broken = true
      await listen(async (tx, envelope, service, delivery) => {
        await write(tx, envelope, service, delivery)
        if (envelope.data.n === 5 && broken) throw new Error('poison')
      })
      const [bad, good] = [newId(), newId()]
      await say(range(10).map((n) => ({ id: n === 5 ? bad : good, n })))
      expect(await heard(9)).toEqual(range(10).filter((n) => n !== 5))
      const parked = await until(
        async () => {
          await listener()
            .sql`update parked_messages set next_try_at = now() where state = 'retrying' and next_try_at > now()`
          return listFailedMessages(listener().sql)
        },
        ([row]) => row?.state === 'parked',
        'the message to be parked',
      )
      expect(parked).toMatchObject([{ tries: 8, publisher: 'alpha', message: { subject: bad, data: { n: 5 } } }])
      expect(parked[0]?.error).toContain('poison')
      broken = false
      expect(await replayMessages(listener().sql, parked[0]!.messageId)).toBe(1)
      await heard(10)
      await exactly(range(10))
      expect(await listFailedMessages(listener().sql)).toEqual([])
    })

    it('dead-letters a malformed message at once with its reason, without blocking others', async () => {
      await listen()
      const wrongData = { ...envelopeOf({ id: newId(), n: 0 }), data: { id: 'nonsense' } }
      await raw(wrongData, { hello: 'world' }, 'text', null, 42, envelopeOf({ id: newId(), n: 1 }))
      await heard(1)
      const parked = await until(
        () => listFailedMessages(listener().sql),
        (rows) => rows.length >= 5,
        'five parked messages',
      )
      expect(parked.every(({ state }) => state === 'parked')).toBe(true)
      const reasons = parked.map(({ error }) =>
        error
          .split(':')
          .slice(0, error.startsWith('the data') ? 2 : 1)
          .join(':'),
      )
      expect(reasons.toSorted()).toEqual([
        'the data of note:happened is not as declared',
        ...range(4).map(() => 'the envelope is not as declared'),
      ])
      await exactly([1])
    })

    it('shares the work between two replicas of a listener and applies each message once', async () => {
      await listen()
      await listen()
      for (let n = 0; n < 600; n += 20) await say(range(20, n).map((m) => ({ id: newId(), n: m })))
      await heard(600)
      await exactly(range(600))
    })

    it('delivers a message that came too early again later, with the number of the attempt', async () => {
      const tried: number[] = []
      await listen(async (tx, envelope, service, delivery) => {
        const { tries } = delivery
        if (envelope.data.n === 0) {
          tried.push(tries)
          if (tries < 3) return later(10)
        }
        return write(tx, envelope, service, delivery)
      })
      await say(range(3).map((n) => ({ id: newId(), n })))
      await heard(3)
      expect(tried).toEqual([0, 1, 2, 3])
      await exactly(range(3))
    })

    it('lengthens the pauses of an early message, waits as long as it takes, and gives up after an hour', async () => {
      let isReady = false
      await listen(async (tx, envelope, service, delivery) => {
        if (envelope.data.n >= 0 && !(isReady && envelope.data.n === 0)) return later(100)
        return write(tx, envelope, service, delivery)
      })
      const [early, never] = [newId(), newId()]
      await say([
        { id: early, n: 0 },
        { id: never, n: 1 },
      ])
      /** Records the length of each pause before the next attempt. */
      const pauses: number[] = []
      const waiting = () =>
        listener().sql<{ n: number; tries: number; pauseMs: number; state: string }[]>`
          select (message #>> '{data,n}')::int as n, tries, state,
            (1000 * extract(epoch from next_try_at - now()))::float8 as pause_ms
          from parked_messages order by n`
      for (let tries = 1; tries <= 9; tries++) {
        const [row] = await until(waiting, (rows) => rows[0]?.tries === tries, `try ${tries}`)
        pauses.push(row!.pauseMs)
        await listener().sql`update parked_messages set next_try_at = now() where state = 'retrying'`
      }
      // A little of each pause has passed by the time it is read.
      expect(pauses[5]).toBeGreaterThan(100 * 2 ** 4)
      expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000)
      isReady = true
      await listener().sql`update parked_messages set next_try_at = now(), since = now() - interval '2 hours'`
      await heard(1)
      const [parked] = await until(waiting, ([row]) => row?.state === 'parked', 'the other to be given up')
      expect(parked).toMatchObject({ n: 1 })
      await exactly([0])
    })

    it('can be stopped twice', async () => {
      const { stop } = await listen()
      await stop()
      await stop()
      await announcer().close()
    })
  })
}
