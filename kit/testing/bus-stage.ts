// The fixture of a bus test: a publisher that emits notes and a listener that stores them, each with its own kit
// database.

import type { Envelope } from '@aisle/contracts/message'
import { message } from '@aisle/contracts/message'
import { Id, Type } from '@aisle/contracts/schema'
import { noTracer } from '@aisle/tracing/span'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Bus, Deliver } from '../bus/bus.ts'
import { createConsumer } from '../bus/consumer.ts'
import { listFailedMessages } from '../bus/failed-messages.ts'
import { mirror, on } from '../bus/reaction.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { systemClock } from '../time/clock.ts'
import { newId } from '../time/ids.ts'
import { startLoop } from '../time/loop.ts'
import { until } from './settled.ts'

/** The publisher and the listener, with a kit database each. */
export type BusWorld = AsyncDisposable & {
  publisherUrl: string
  listenerUrl: string
  /** The publisher's end of the bus: only `notify` is used. */
  publishing(): Bus | Promise<Bus>
  /** The listener's end of the bus; `db` is the listener's. A second one is another replica. */
  listening(db: Database, historyChanged?: (publisher: string) => void): Bus | Promise<Bus>
}

export type Note = { id: string; n: number }

/** The integers from `from`, `count` of them. */
export const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)
export const Happened = message(
  'alpha' as 'auth',
  'note:happened',
  'A note.',
  Type.Object({ id: Id, n: Type.Integer() }),
)
const log = createLog('test', process.env.TEST_LOG ?? 'silent')

/** Opens a fixture for each test of the file that calls this; the returned functions use that of the current test. */
export function busStage(open: () => Promise<BusWorld>) {
  let world: BusWorld
  let publisher: Database
  let listener: Database
  let announcer: Bus
  let closers: (() => Promise<unknown>)[]

  const openDb = (url: string, notify: (said: readonly Envelope[]) => void) => {
    const db = openDatabase({ url, max: 8, applicationName: 'suite', now: () => new Date(), newId, notify })
    closers.push(() => db.close())
    return db
  }
  beforeEach(async () => {
    closers = []
    world = await open()
    closers.push(async () => world[Symbol.asyncDispose]())
    announcer = await world.publishing()
    publisher = openDb(world.publisherUrl, (said) => announcer.notify(said.map(({ type }) => type)))
    listener = openDb(world.listenerUrl, () => {})
    closers.push(() => announcer.close())
    await listener.sql`create table notes
      (at bigint generated always as identity, id uuid not null, n integer not null)`
    await listener.sql`create table mirror (id uuid not null primary key, n integer not null)`
    await publisher.sql`create table kept (n integer not null)`
  })
  afterEach(async () => {
    for (const close of closers.toReversed()) await close()
  })

  type React = NonNullable<Parameters<typeof on<typeof Happened, unknown>>[1]>
  const write: React = async (tx, { data }) => tx.send(tx.sql`insert into notes (id, n) values (${data.id}, ${data.n})`)

  /** Keeps the newest `n` of each thing, as if it were a version. */
  const copy = mirror([Happened], (tx, states, _service: unknown, { again }) =>
    tx.send(tx.sql`
      insert into mirror as m (id, n)
      select id, n from jsonb_to_recordset(${JSON.stringify(states.map(({ data }) => data))}::text::jsonb)
        as note (id uuid, n integer)
      on conflict (id) do update set n = excluded.n where m.n < excluded.n or ${again}`),
  )
  const mirrored = async () =>
    Object.fromEntries((await listener.sql<Note[]>`select id, n from mirror`).map(({ id, n }) => [id, n]))

  /** A listener that reacts with `react`: by default it stores every note. */
  async function listen(react: React = write) {
    let changed = 0
    const bus = await world.listening(listener, () => changed++)
    const consumer = createConsumer({
      db: listener,
      reactions: [on(Happened, react), ...copy],
      service: {},
      log,
      metrics: createMetrics('suite'),
      tracer: noTracer,
    })
    const deliver: Deliver = (batch) => consumer.deliver(batch)
    await bus.subscribe(consumer.wanted, deliver)
    const loop = startLoop({ name: 'retry', run: consumer.retryDue, clock: systemClock, log })
    let stopped: Promise<void> | null = null
    const stop = () => {
      stopped ??= bus.close().then(() => loop.stop())
      return stopped
    }
    closers.push(stop)
    return { bus, stop, mirrored, changes: () => changed }
  }

  const say = (notes: readonly Note[]) =>
    publisher.tx(async (tx) => {
      for (const note of notes) tx.emit(Happened, note.id, note)
    })
  const raw = (...envelopes: unknown[]) =>
    publisher.sql`insert into outbox (message)
      select m::json from unnest(${envelopes.map((e) => JSON.stringify(e))}::text[]) m`
  const notes = (): Promise<Note[]> => listener.sql<Note[]>`select id, n from notes order by at`
  const heard = async (count: number) =>
    until(notes, (rows) => rows.length >= count, `${count} notes`).then((rows) => rows.map(({ n }) => n))
  /** Emits a last note: when it arrives, everything before it has arrived. Expects exactly `expected`, each once. */
  async function exactly(expected: readonly number[]) {
    const end = -1 - Math.floor(Math.random() * 1e6)
    await say([{ id: newId(), n: end }])
    await until(notes, (rows) => rows.some(({ n }) => n === end), 'the last note')
    await until(
      () => listFailedMessages(listener.sql),
      (rows) => rows.every(({ state }) => state === 'parked'),
      'no retries',
    )
    const all = (await notes()).map(({ n }) => n).filter((n) => n >= 0)
    expect(all.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b))
  }
  const envelopeOf = (note: Note, id = newId()): Envelope => ({
    specversion: '1.0',
    id,
    source: `/aisle/alpha`,
    type: Happened.type,
    subject: note.id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: note,
  })
  return {
    publisher: () => publisher,
    listener: () => listener,
    announcer: () => announcer,
    /** Closed after the test, before the fixture is. */
    closeLater: (close: () => Promise<unknown>) => void closers.push(close),
    listen,
    write,
    say,
    raw,
    notes,
    heard,
    exactly,
    envelopeOf,
  }
}
