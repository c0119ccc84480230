import { describe, expect, it } from 'vitest'
import { followClock } from './database-clock.ts'

/**
 * A database whose clock is at `databaseMs` when this process has run for 0 ms; the request takes `thereMs` and the
 * reply `backMs`.
 */
function world(databaseMs: number) {
  const state = { passedMs: 0, databaseMs, thereMs: 0, backMs: 0 }
  const clock = followClock(
    async () => {
      state.passedMs += state.thereMs
      const read = state.databaseMs + state.passedMs
      state.passedMs += state.backMs
      return read
    },
    () => state.passedMs,
  )
  /** Milliseconds by which the clock is ahead of the database's. */
  const aheadMs = () => clock.now().getTime() - (state.databaseMs + state.passedMs)
  return { state, clock, aheadMs }
}

const noon = Date.UTC(2030, 0, 1, 12)

describe('a clock that follows the database’s', () => {
  it('shows the database’s time, whatever this machine’s is', async () => {
    const { state, clock, aheadMs } = world(noon)
    await clock.read()
    expect(aheadMs()).toBe(0)
    state.passedMs += 5_000
    expect(clock.now()).toEqual(new Date(noon + 5_000))
  })

  it('is wrong by at most half the time that the first reading took', async () => {
    const { state, clock, aheadMs } = world(noon)
    state.backMs = 300
    await clock.read()
    expect(aheadMs()).toBe(-150)
  })

  it('does not move for a slow reading that agrees with it', async () => {
    const { state, clock, aheadMs } = world(noon)
    await clock.read()
    Object.assign(state, { thereMs: 2_000, backMs: 300 })
    await clock.read()
    expect(aheadMs()).toBe(0)
  })

  it('improves with a faster reading', async () => {
    const { state, clock, aheadMs } = world(noon)
    Object.assign(state, { thereMs: 300, backMs: 20 })
    await clock.read()
    expect(aheadMs()).toBe(140)
    state.thereMs = 10
    await clock.read()
    expect(aheadMs()).toBe(10)
  })

  it('follows a database that was replaced by another', async () => {
    const { state, clock, aheadMs } = world(noon)
    await clock.read()
    state.databaseMs -= 60_000
    expect(aheadMs()).toBe(60_000)
    await clock.read()
    expect(aheadMs()).toBe(0)
  })

  it('throws before it was read', () => {
    const { clock } = world(noon)
    expect(() => clock.now()).toThrow('was not read yet')
  })
})
