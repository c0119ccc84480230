// What every bus must do when a publisher's or a listener's database has gone back in time. The tests of each
// implementation run this suite. The publisher's server is real, and really goes back.

import { describe, expect, it } from 'vitest'
import { type BusWorld, busStage, range } from '../testing/bus-stage.ts'
import type { RewindablePublisher } from '../testing/rewindable-publisher.ts'
import { until } from '../testing/settled.ts'
import { newId } from '../time/ids.ts'

/** Declares the suite's tests for the bus called `name`; the `server` that `open` adds is the publisher's. */
export function describeHistory(name: string, open: () => Promise<BusWorld & { server: RewindablePublisher }>): void {
  let server: RewindablePublisher
  const { listen, say, notes, heard } = busStage(async () => {
    const world = await open()
    server = world.server
    return world
  })
  const sayAll = async (from: number, count: number) => {
    for (const n of range(count, from)) await say([{ id: newId(), n }])
  }
  /** Retries as soon as it can, like a service that has lost its database. */
  const again = (work: () => Promise<void>) =>
    until(
      () =>
        work().then(
          () => true,
          () => false,
        ),
      (done) => done,
      'the server to be there again',
    )
  const numbers = async () => (await notes()).map(({ n }) => n).toSorted((a, b) => a - b)

  describe(`over the ${name} bus, a publisher whose database has gone back in time`, () => {
    it('is read again at once, and nothing that was consumed before has a second effect', async () => {
      const { changes } = await listen()
      await sayAll(0, 10)
      await heard(10)
      await server.keep()
      // These are lost together with the server's later state.
      await sayAll(10, 30)
      await heard(40)
      await server.goBack()
      await again(() => sayAll(100, 1))
      await sayAll(101, 9)
      await heard(50)
      expect(await numbers()).toEqual([...range(40), ...range(10, 100)])
      expect(changes()).toBeGreaterThan(0)
    })

    it('is read again by a listener that was away, even when its numbers have passed the consumed ones', async () => {
      const first = await listen()
      await sayAll(0, 10)
      await heard(10)
      await server.keep()
      await sayAll(10, 10)
      await heard(20)
      await first.stop()
      await server.goBack()
      await again(() => sayAll(100, 1))
      await sayAll(101, 59)
      await listen()
      await heard(80)
      expect(await numbers()).toEqual([...range(20), ...range(60, 100)])
    })

    it('is not read again after a mere restart', async () => {
      const { changes } = await listen()
      await sayAll(0, 10)
      await heard(10)
      await server.goBack()
      await again(() => sayAll(10, 1))
      await heard(11)
      expect([await numbers(), changes()]).toEqual([range(11), 0])
    })

    it('has its mirrors brought back to its present state', async () => {
      const { mirrored } = await listen()
      const id = newId()
      await say([{ id, n: 1 }])
      await heard(1)
      await server.keep()
      await say([{ id, n: 2 }])
      await say([{ id, n: 3 }])
      await heard(3)
      await until(mirrored, (rows) => rows[id] === 3, 'the mirror')
      await server.goBack()
      await again(() => sayAll(100, 1))
      // Version 2 of the present history.
      await until(mirrored, (rows) => rows[id] === 1, 'the mirror to follow')
      await say([{ id, n: 2 }])
      await until(mirrored, (rows) => rows[id] === 2, 'the mirror to follow')
    })
  })
}
