// Failures of a broker, and of those who use it. Every test has its own broker, which it may kill.

import { describe, expect, it } from 'vitest'
import {
  announcer,
  broker,
  closeLater,
  envelopeOf,
  exactly,
  heard,
  listen,
  listener,
  noTrouble,
  operator,
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
import { newId } from '../time/ids.ts'
import { natsBus } from './nats-bus.ts'

describe('a broker that is killed', () => {
  it('shows the age of what is unpublished meanwhile, until it is published', async () => {
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

  it('loses and duplicates nothing in the middle of a stream of messages', async () => {
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

  it('is reported by readiness while it is away, and delivers later what was emitted meanwhile', async () => {
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

describe('a broker that no longer accepts the credentials', () => {
  it('is reported by readiness until it accepts them', async () => {
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

  it('is filled although no new messages are emitted', async () => {
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
      'a port where nothing listens',
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

  it('fails where the broker cannot keep the configured number of copies', async () => {
    const { stream, ...rest } = settings()
    const failure = natsBus({ ...rest, stream: { ...stream, replicas: 3 }, busUrl: broker.url })
    await expect(failure).rejects.toThrow(
      /^The service cannot publish: the stream WORLD_BETA cannot be used: .*replicas/,
    )
  })
})

describe('a stream that is full', () => {
  const padded = (n: number) => ({ ...envelopeOf({ id: newId(), n }), padding: 'x'.repeat(100_000) })

  it('drops its oldest messages, and its publisher emits more than it holds', async () => {
    await listen()
    // About twelve megabytes through a stream of four; each batch is acknowledged before the next comes.
    for (let n = 0; n < 120; n += 10) {
      await raw(...range(10, n).map(padded))
      await heard(n + 10)
    }
    expect(announcer().trouble()).toBeNull()
    expect(await storedCount()).toBeLessThan(60)
    await exactly(range(120))
  })

  it('lets a listener that was away catch up from the outbox on what it no longer holds', async () => {
    const { stop } = await listen()
    await raw(padded(0))
    await heard(1)
    await stop()
    await raw(...range(99, 1).map(padded))
    await until(unpublished, (count) => count === 0, 'everything to be published')
    await listen()
    await exactly(range(100))
  })

  it('fills a new listener with everything that the outbox keeps', async () => {
    await raw(...range(100).map(padded))
    await until(unpublished, (count) => count === 0, 'everything to be published')
    await listen()
    await exactly(range(100))
  })
})

describe('a listener whose database has gone back in time', () => {
  it('receives again what the broker believes it has had, even what is no longer on the stream', async () => {
    const { stop } = await listen()
    await say(range(10).map((n) => ({ id: newId(), n })))
    await heard(10)
    await until(cursorIsSaved, (saved) => saved)
    const kept = await tables()
    await say(range(10, 10).map((n) => ({ id: newId(), n })))
    await heard(20)
    await stop()
    await putBack(kept)
    await listen()
    await exactly(range(20))
  })
})

const unpublished = async () => (await announcer().unpublished())?.messages
const cursorIsSaved = async () => (await listener().sql`select from cursors`).length > 0

/** The listener's tables, as a backup would contain them. */
const tables = () => listener().sql<{ notes: unknown; inbox: unknown; cursors: unknown }[]>`
  select (select json_agg(row) from notes row) as notes, (select json_agg(row) from inbox row) as inbox,
    (select json_agg(row) from cursors row) as cursors`
const putBack = ([kept]: Awaited<ReturnType<typeof tables>>) =>
  listener().tx(async ({ sql }) => {
    await sql`truncate notes, inbox, cursors`
    const json = (rows: unknown) => JSON.stringify(rows)
    await sql`insert into notes (id, n)
      select id, n from json_populate_recordset(null::notes, ${json(kept?.notes)}::text::json)`
    await sql`insert into inbox
      select * from json_populate_recordset(null::inbox, ${json(kept?.inbox)}::text::json)`
    await sql`insert into cursors
      select * from json_populate_recordset(null::cursors, ${json(kept?.cursors)}::text::json)`
  })
