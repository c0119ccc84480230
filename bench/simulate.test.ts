import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { simulate } from './on-sale.ts'
import { measured, table } from './simulate.ts'

const document = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')

describe('docs/scale.md', () => {
  it('has the table that the simulation prints', () => {
    expect(document('scale.md')).toContain(`\n\n${table().join('\n')}\n\n`)
  })

  it('starts from figures that stand in docs/performance.md', () => {
    for (const perSecond of [measured.reservationsPerSecond, measured.writesPerSecond, measured.readsPerSecond]) {
      const figure = `${perSecond.toLocaleString('en')}/s`
      expect([document('performance.md'), document('scale.md')].map((text) => text.includes(figure))).toEqual([
        true,
        true,
      ])
    }
    expect(document('performance.md')).toContain(`${measured.nodeMsPerSale} ms of the Node process`)
    expect(document('performance.md')).toContain(`${measured.postgresMsPerSale} ms of PostgreSQL`)
  })
})

describe('a simulated day', () => {
  const day = { buyers: 100_000, callsPerSecond: 100 }

  it('sells every ticket once, with no more calls in a second than the provider takes', () => {
    const { sold, calls } = simulate(day)
    expect([sold, calls]).toEqual([50_000, 100])
  })

  it('keeps nobody waiting where nothing is limited', () => {
    expect(simulate({ ...day, callsPerSecond: 10_000 })).toMatchObject({ inWaitingRoom: 0, forProvider: 0 })
  })

  it('has people wait at the door instead of at the till when no more are let in than can pay', () => {
    const { forProvider, inWaitingRoom } = simulate({ ...day, admittedPerSecond: 50 })
    expect(forProvider).toBe(0)
    // 10,000 arrive in the first minute, and 50 a second are admitted.
    expect(inWaitingRoom).toBe((10_000 - 50 * 60) / 50)
  })
})
