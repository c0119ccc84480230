import type { Step } from '@aisle/contracts/entities'
import { expect, it } from 'vitest'
import { tellStory } from './story.ts'

const step = (at: string, what: string, kind: Step['kind'] = 'order'): Step => ({ at, kind, what })

it('both halves are one story, in the order in which things happened', () => {
  const told = tellStory(
    [step('2026-01-01T10:00:00.000Z', 'created'), step('2026-01-01T10:00:09.000Z', 'complete')],
    [step('2026-01-01T10:00:05.120Z', 'open-page done', 'call'), step('2026-01-01T10:00:09.000Z', 'sale', 'ledger')],
  )
  expect(told.map(({ step: { what }, time }) => `${time} ${what}`)).toEqual([
    '10:00:00.000 created',
    '10:00:05.120 open-page done',
    '10:00:09.000 complete',
    '10:00:09.000 sale',
  ])
})

it('a day is named where it begins', () => {
  const told = tellStory(
    [step('2026-01-01T23:59:59Z', 'created'), step('2026-01-02T00:00:01Z', 'cancelled')],
    [step('2026-01-02T00:00:02Z', 'void done', 'call')],
  )
  expect(told.map(({ day }) => day)).toEqual(['2026-01-01', '2026-01-02', null])
})

it('steps that look alike are told apart', () => {
  const same = step('2026-01-01T10:00:00Z', 'capture done', 'call')
  const keys = tellStory([], [same, same]).map(({ key }) => key)
  expect(new Set(keys).size).toBe(2)
})
