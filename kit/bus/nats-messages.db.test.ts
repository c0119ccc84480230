// Messages on a broker: their order among several replicas, and slow, strange, oversized and repeated ones.

import { jetstream as jetstreamOf } from '@nats-io/jetstream'
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
  loseLeadership,
  mebibyte,
  noTrouble,
  notes,
  operator,
  positions,
  publisher,
  raw,
  say,
  storedCount,
  streamOfAlpha,
  world,
  write,
} from '../testing/broker-stage.ts'
import { range } from '../testing/bus-stage.ts'
import { until } from '../testing/settled.ts'
import { newId } from '../time/ids.ts'
import { listFailedMessages } from './failed-messages.ts'
import { isAfter } from './outbox-log.ts'
import { republish } from './republish.ts'

describe('several replicas', () => {
  /**
   * Emits 1,200 notes about five things and calls `meanwhile` at every 100th; expects each thing's notes in order.
   */
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

  it('keep the order when a former leader goes on', async () => {
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
  it('that was handed to a stranger is not overtaken by later ones', async () => {
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
    // It ends because the consumer was recreated.
    await taker
    expect(taken).toBeGreaterThan(0)
  })

  it('is not handed out again while its reaction takes longer than the broker waits', async () => {
    await listen(async (tx, envelope, service, delivery) => {
      await tx.sql`select pg_sleep(2.5)`
      await write(tx, envelope, service, delivery)
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

  it('that a stranger has put on the stream becomes a dead letter with its reason and blocks no other', async () => {
    await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await using jetstream = await operator()
    for (const payload of ['not JSON', '{"hello":"world"}'])
      await jetstream.nc.request(`${world.namespace}.alpha.whatever`, payload)
    await say([{ id: newId(), n: 1 }])
    await heard(2)
    const parked = await listFailedMessages(listener().sql)
    expect(parked.map(({ error, state }) => [state, error.split(':')[0]])).toEqual([
      ['parked', 'the envelope is not as declared'],
      ['parked', 'the envelope is not as declared'],
    ])
    await exactly([0, 1])
  })

  it('that is larger than the broker accepts becomes a dead letter and blocks no other', async () => {
    await listen()
    await raw({ ...envelopeOf({ id: newId(), n: 0 }), requestid: 'x'.repeat(2 * mebibyte) })
    await exactly([])
    const [parked] = await listFailedMessages(listener().sql)
    expect(parked).toMatchObject({ state: 'parked', message: { tooLarge: expect.any(Number) } })
  })

  it('that a service emitted last before it stopped reaches every listener', async () => {
    const [began, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const open = publisher().tx(async (tx) => {
      await tx.sql`insert into kept (n) values (1)`
      began.resolve()
      await ends.promise
    })
    await began.promise
    await say(range(600).map((n) => ({ id: newId(), n })))
    // None of these can be read before the other transaction ends.
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
    // Set back while the relay waits to save its position; the save must not undo it.
    await publisher().tx(async (tx) => {
      await tx.sql`lock table relay_position in exclusive mode`
      await say([{ id: newId(), n: 300 }])
      await until(storedCount, (count) => count === 1)
      expect(await republish(tx.sql, new Date(0))).toBe(302)
    })
    // The message that was published before the position was set back is there twice.
    await until(storedCount, (count) => count === 303, 'everything to be on the stream again')
    await exactly(range(301))
    expect(await listFailedMessages(listener().sql)).toHaveLength(1)
  })
})
