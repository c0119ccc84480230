// What can happen to a broker, and to those who use it. Every test has a broker of its own, which it may kill.

import { readFileSync } from 'node:fs'
import { jetstream as jetstreamOf } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { newId } from '../ids.ts'
import { createLog } from '../log.ts'
import { busStage, range } from '../testing/bus-stage.ts'
import { operate, password, startTestBroker, type TestBroker } from '../testing/nats.ts'
import { type NatsWorld, openNatsWorld } from '../testing/nats-world.ts'
import { until } from '../testing/settled.ts'
import type { Bus } from './bus.ts'
import { natsBus } from './nats-bus.ts'
import { positionHeader, streamName } from './nats-stream.ts'
import { isAfter, parsePosition } from './outbox-log.ts'
import { listParked } from './parking.ts'
import { republish } from './republish.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
const mebibyte = 1024 ** 2
let broker: TestBroker
let world: NatsWorld

const { publisher, listener, announcer, closeLater, listen, write, say, raw, notes, heard, exactly, envelopeOf } =
  busStage(async () => {
    broker = await startTestBroker()
    world = await openNatsWorld(broker, { maxBytes: 4 * mebibyte, ackWaitMs: 600 })
    return {
      ...world,
      async [Symbol.asyncDispose]() {
        await world[Symbol.asyncDispose]()
        await broker[Symbol.asyncDispose]()
      },
    }
  })

const streamOfAlpha = () => streamName(world.namespace, 'alpha')
const operator = () => operate(broker.url)
const settings = () => ({
  stream: { namespace: world.namespace, replicas: 1, maxBytes: 4 * mebibyte },
  name: 'beta',
  url: world.listenerUrl,
  sql: listener().sql,
  log,
})
const troubleOf = (bus: Bus, pattern: RegExp) =>
  until(
    async () => bus.trouble(),
    (trouble) => pattern.test(trouble ?? ''),
    `trouble like ${pattern}`,
  )
const noTrouble = (bus: Bus) =>
  until(
    async () => bus.trouble(),
    (trouble) => trouble === null,
    'no trouble',
  )
const storedCount = async () => {
  await using jetstream = await operator()
  return (await jetstream.jsm.streams.info(streamOfAlpha())).state.messages
}
/** Positions in the outbox of all that is on the stream, in its order. */
async function positions() {
  await using jetstream = await operator()
  const { state } = await jetstream.jsm.streams.info(streamOfAlpha())
  const stored = await Promise.all(
    range(state.last_seq - state.first_seq + 1, state.first_seq).map((seq) =>
      jetstream.jsm.streams.getMessage(streamOfAlpha(), { seq }),
    ),
  )
  return stored.map((message) => parsePosition(message?.header.get(positionHeader) ?? '')!)
}
/** A process that goes on without knowing that it has lost its connection, and so its lock. */
const loseLeadership = (sql: ReturnType<typeof publisher>['sql']) =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% leadership' and datname = current_database()`

describe('a publisher that was restored from a backup, with what docs/runbook.md says', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
  const [again = ''] = /update relay_position[^;]+;/.exec(runbook) ?? []
  const [, forget = ''] = /`(delete from cursors [^`]+)`/.exec(runbook) ?? []

  it('is heard, although it counts from an older number again', async () => {
    const { stop } = await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await stop()
    // As if the listener had heard what the restored publisher no longer knows.
    await listener().sql`update cursors set xid = '1000000000'`
    const deaf = await listen()
    const { bus } = deaf
    await say([{ id: newId(), n: 1 }])
    await until(storedCount, (count) => count === 2, 'both messages on the stream')
    await until(
      () => bus.behind().catch(() => []),
      ([backlog]) => backlog?.messages === 0,
      'the message taken for an old one',
    )
    expect((await notes()).map(({ n }) => n)).toEqual([0])
    await deaf.stop()

    await listener().sql.unsafe(forget.replace('<publisher>', 'alpha'))
    await listen()
    // What the broker still knows it does not take again: here for a moment, in production for two minutes.
    await using jetstream = await operator()
    await jetstream.jsm.streams.update(streamOfAlpha(), { duplicate_window: nanos(100) })
    await until(
      () => publisher().sql.unsafe(again.replace('<time>', '2000-01-01')).then(notes),
      (rows) => rows.length > 1,
      'the message that was not heard',
    )
    await exactly([0, 1])
  })
})

describe('a broker that is killed', () => {
  it('leaves the age of what is said meanwhile to be seen, until it is published', async () => {
    const { bus } = await listen()
    const bridge = await world.publishing()
    closeLater(() => bridge.close())
    await broker.kill()
    await say([{ id: newId(), n: 1 }])
    await until(
      async () => (await bridge.unpublished())?.messages,
      (messages) => messages === 1,
      'one message on its way',
    )
    expect((await bridge.unpublished())?.oldestSeconds).toBeGreaterThan(0)
    await expect(bus.behind()).rejects.toThrow()
    await broker.start()
    await heard(1)
    const left = await until(
      () => bridge.unpublished(),
      (backlog) => backlog?.messages === 0,
      'nothing on its way',
    )
    expect(left).toEqual({ messages: 0, oldestSeconds: 0 })
  })

  it('loses nothing and doubles nothing in the middle of a stream of messages', async () => {
    await listen()
    const id = newId()
    const saying = (async () => {
      for (let n = 0; n < 1_000; n += 10) await say(range(10, n).map((m) => ({ id, n: m })))
    })()
    for (const at of [100, 300]) {
      await heard(at)
      await broker.kill()
      await broker.start()
    }
    await saying
    expect(await heard(1_000)).toEqual(range(1_000))
    await exactly(range(1_000))
  })

  it('is told by readiness while it is away, and what is said meanwhile comes later', async () => {
    const { bus } = await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await broker.kill()
    await troubleOf(bus, /^the broker at 127\.0\.0\.1:\d+ cannot be reached$/)
    await troubleOf(announcer(), /^the broker at 127\.0\.0\.1:\d+ cannot be reached$/)
    await say([{ id: newId(), n: 1 }])
    await broker.start()
    await noTrouble(bus)
    await noTrouble(announcer())
    await exactly([0, 1])
  })
})

describe('a broker that does not know the credentials any more', () => {
  it('is told by readiness, until it does', async () => {
    const { bus } = await listen()
    await broker.kill()
    await broker.setPassword('another')
    await broker.start()
    await troubleOf(bus, /^the broker at 127\.0\.0\.1:\d+ refuses the credentials of BUS_URL$/)
    await say([{ id: newId(), n: 0 }])
    await broker.kill()
    await broker.setPassword(password)
    await broker.start()
    await noTrouble(bus)
    await exactly([0])
  })
})

describe('a broker that has lost its store', () => {
  it('is filled again from the outbox, and nothing has its effect twice', async () => {
    await listen()
    const id = newId()
    await say(range(400).map((n) => ({ id, n })))
    await heard(400)
    await broker.kill()
    await broker.wipe()
    await say(range(100, 400).map((n) => ({ id, n })))
    await broker.start()
    expect(await heard(500)).toEqual(range(500))
    await exactly(range(500))
    expect(await storedCount()).toBe(501)
  })

  it('is filled although nobody says anything', async () => {
    await say(range(300).map((n) => ({ id: newId(), n })))
    await until(storedCount, (count) => count === 300)
    await using jetstream = await operator()
    await jetstream.jsm.streams.delete(streamOfAlpha())
    await until(
      () => storedCount().catch(() => 0),
      (count) => count === 300,
      'the stream to be filled',
    )
    await listen()
    await exactly(range(300))
  })
})

describe('a start', () => {
  it.each([
    ['a wrong password', () => broker.urlAs('aisle:wrong'), /^The broker at 127\.0\.0\.1:\d+ refuses the credentials/],
    ['no password', () => broker.urlAs('somebody'), /^The broker at 127\.0\.0\.1:\d+ refuses the credentials/],
    [
      'a port where nobody is',
      () => 'nats://aisle:secret@127.0.0.1:1',
      /^The broker at 127\.0\.0\.1:1 cannot be reached/,
    ],
  ])('fails with %s and says so in one sentence', async (_, busUrl, pattern) => {
    const failure = await natsBus({ ...settings(), busUrl: busUrl() }).then(
      () => null,
      (error: Error) => error.message,
    )
    expect(failure).toMatch(pattern)
    expect(failure).not.toContain('secret')
  })

  it('fails where the broker cannot keep as many copies as it is told to', async () => {
    const { stream, ...rest } = settings()
    const failure = natsBus({ ...rest, stream: { ...stream, replicas: 3 }, busUrl: broker.url })
    await expect(failure).rejects.toThrow(
      /^The service cannot publish: the stream WORLD\d+_BETA cannot be used: .*replicas/,
    )
  })
})

describe('a stream that is full', () => {
  it('is told by readiness, and goes on when there is room again; nothing is lost', async () => {
    // Small ones would still fit where a large one does not: they must not overtake it.
    const padding = (n: number) => 'x'.repeat(n % 2 === 0 ? 400_000 : 10)
    await raw(...range(30).map((n) => ({ ...envelopeOf({ id: newId(), n }), requestid: padding(n) })))
    await troubleOf(announcer(), /^the stream WORLD\d+_ALPHA is full or has no room .* raise BUS_STREAM_MAX_BYTES/)
    await using jetstream = await operator()
    await jetstream.jsm.streams.update(streamOfAlpha(), { max_bytes: 64 * mebibyte })
    await noTrouble(announcer())
    await until(storedCount, (count) => count === 30)
    const order = await positions()
    expect(order.every((position, at) => at === 0 || isAfter(position, order[at - 1]!))).toBe(true)
  })
})

describe('several replicas', () => {
  /** Says 1,200 notes about five things, while `meanwhile` happens at every 100th; expects each thing's notes in their order. */
  async function inOrderWhile(meanwhile: (n: number) => Promise<unknown>) {
    const things = range(5).map(() => newId())
    for (let n = 0; n < 1_200; n += 4) {
      await say(range(4, n).map((m) => ({ id: things[m % 5]!, n: m })))
      if (n % 100 === 0 && n > 0) await meanwhile(n)
    }
    await heard(1_200)
    await exactly(range(1_200))
    for (const id of things) {
      const own = (await notes()).filter((note) => note.id === id).map(({ n }) => n)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  }

  it('keep the order when they are stopped and started one by one', async () => {
    let [first, second] = [await listen(), await listen()]
    const other = await world.publishing()
    closeLater(() => other.close())
    await inOrderWhile(async (n) => {
      if (n === 300) await announcer().close()
      if (n % 200 !== 0) return
      await first.stop()
      ;[first, second] = [second, await listen()]
    })
  })

  it('keep the order when a leader that is not one any more goes on', async () => {
    await listen()
    await listen()
    const other = await world.publishing()
    closeLater(() => other.close())
    await inOrderWhile(async () => {
      await loseLeadership(publisher().sql)
      await loseLeadership(listener().sql)
    })
    const order = await positions()
    expect(order.every((position, at) => at === 0 || isAfter(position, order[at - 1]!))).toBe(true)
  })
})

describe('a message', () => {
  it('that somebody else has been handed is not overtaken by later ones', async () => {
    await listen()
    await say([{ id: newId(), n: -1 }])
    await heard(1)
    await using jetstream = await operator()
    const stranger = await jetstreamOf(jetstream.nc).consumers.get(streamOfAlpha(), 'beta')
    let taken = 0
    const taking = await stranger.fetch({ max_messages: 20, expires: 2_000 })
    const taker = (async () => {
      for await (const _ of taking) taken++
    })().catch(() => {})
    const id = newId()
    for (let n = 0; n < 100; n += 2) await say(range(2, n).map((m) => ({ id, n: m })))
    expect((await heard(101)).slice(1)).toEqual(range(100))
    // It ends because the consumer was made anew.
    await taker
    expect(taken).toBeGreaterThan(0)
  })

  it('is not handed out again while its reaction takes longer than the broker waits', async () => {
    await listen(async (tx, envelope, service, tries) => {
      await tx.sql`select pg_sleep(2.5)`
      await write(tx, envelope, service, tries)
    })
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await using jetstream = await operator()
    const { delivered } = await until(
      () => jetstream.jsm.consumers.info(streamOfAlpha(), 'beta'),
      ({ num_ack_pending }) => num_ack_pending === 0,
    )
    expect(delivered.consumer_seq).toBe(1)
  })

  it('that a stranger has put on the stream is parked with its reason, and keeps nobody waiting', async () => {
    await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await using jetstream = await operator()
    for (const payload of ['not JSON', '{"hello":"world"}'])
      await jetstream.nc.request(`${world.namespace}.alpha.whatever`, payload)
    await say([{ id: newId(), n: 1 }])
    await heard(2)
    const parked = await listParked(listener().sql)
    expect(parked.map(({ error, state }) => [state, error.split(':')[0]])).toEqual([
      ['parked', 'the envelope is not as declared'],
      ['parked', 'the envelope is not as declared'],
    ])
    await exactly([0, 1])
  })

  it('that is larger than the broker takes is parked, and keeps nobody waiting', async () => {
    await listen()
    await raw({ ...envelopeOf({ id: newId(), n: 0 }), requestid: 'x'.repeat(2 * mebibyte) })
    await exactly([])
    const [parked] = await listParked(listener().sql)
    expect(parked).toMatchObject({ state: 'parked', message: { tooLarge: expect.any(Number) } })
  })

  it('that was the last word of a service which has stopped reaches everybody', async () => {
    const [began, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const open = publisher().tx(async (tx) => {
      await tx.sql`insert into kept (n) values (1)`
      began.resolve()
      await ends.promise
    })
    await began.promise
    await say(range(600).map((n) => ({ id: newId(), n })))
    // Nothing of that can be read before the other transaction ends.
    const closed = announcer().close()
    await publisher().sql`select pg_sleep(0.3)`
    ends.resolve()
    await Promise.all([open, closed])
    await listen()
    await heard(600)
  })

  it('reaches a listener that was there before the publisher had a stream', async () => {
    await announcer().close()
    await using jetstream = await operator()
    await jetstream.jsm.streams.delete(streamOfAlpha())
    const { bus } = await listen()
    await until(
      () => storedCount().catch(() => -1),
      (count) => count === 0,
      'the listener to make the stream',
    )
    const late = await world.publishing()
    closeLater(() => late.close())
    await exactly([])
    expect(bus.trouble()).toBeNull()
  })

  it('that is published again by command has no second effect', async () => {
    await listen()
    expect(await republish(publisher().sql, new Date(0))).toBeNull()
    await raw('malformed')
    await say(range(300).map((n) => ({ id: newId(), n })))
    await heard(300)
    await using jetstream = await operator()
    await jetstream.jsm.streams.purge(streamOfAlpha())
    await broker.kill()
    await broker.start()
    await noTrouble(announcer())
    expect(await republish(publisher().sql, new Date(Date.now() + 60_000))).toBe(0)
    // Set back while the relay waits to save how far it has come, which must not undo it.
    await publisher().tx(async (tx) => {
      await tx.sql`lock table relay_position in exclusive mode`
      await say([{ id: newId(), n: 300 }])
      await until(storedCount, (count) => count === 1)
      expect(await republish(tx.sql, new Date(0))).toBe(302)
    })
    await until(storedCount, (count) => count === 302, 'everything to be on the stream again')
    await exactly(range(301))
    expect(await listParked(listener().sql)).toHaveLength(1)
  })
})
