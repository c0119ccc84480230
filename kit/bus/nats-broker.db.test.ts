// What can happen to a broker, and to those who use it. Every test has a broker of its own, which it may kill.

import { readFileSync } from 'node:fs'
import { nanos } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { newId } from '../ids.ts'
import {
  announcer,
  broker,
  closeLater,
  envelopeOf,
  exactly,
  heard,
  listen,
  listener,
  mebibyte,
  noTrouble,
  notes,
  operator,
  positions,
  publisher,
  raw,
  say,
  settings,
  storedCount,
  streamOfAlpha,
  troubleOf,
  world,
} from '../testing/broker-stage.ts'
import { range } from '../testing/bus-stage.ts'
import { password } from '../testing/nats.ts'
import { until } from '../testing/settled.ts'
import { natsBus } from './nats-bus.ts'
import { isAfter } from './outbox-log.ts'

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
