import { describe, expect, it } from 'vitest'
import { judgeDeclines, type Tried } from './declines.ts'

const limits = { perBuyer: 3, perAddress: 5, onPagePerBuyer: 4 }
const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 12, minute))
/** Newest first. */
const declined = (...minutes: number[]) => minutes.toSorted((a, b) => b - a).map(at)
const tried = (fields: Partial<Tried> = {}): Tried => ({
  buyers: [],
  addresses: [],
  buyersUnderWay: 0,
  addressesUnderWay: 0,
  ...fields,
})
const go = (asks3ds: boolean) => ({ kind: 'go', asks3ds })

describe('a card token', () => {
  it.each([
    ['nothing was declined', tried(), go(false)],
    ['one less than the buyer may have', tried({ buyers: declined(1, 2) }), go(false)],
    ['as many as the buyer may have', tried({ buyers: declined(1, 2, 3) }), { kind: 'stop', until: at(61) }],
    ['more than the buyer may have', tried({ buyers: declined(1, 2, 3, 4) }), { kind: 'stop', until: at(62) }],
    ['as many as the address may have', tried({ addresses: declined(1, 2, 3, 4, 5) }), { kind: 'stop', until: at(61) }],
    [
      'both, until both may again',
      tried({ buyers: declined(7, 8, 9), addresses: declined(1, 2, 3, 4, 5) }),
      { kind: 'stop', until: at(67) },
    ],
    ['the rest is under way', tried({ buyers: declined(1, 2), buyersUnderWay: 1 }), { kind: 'wait' }],
    ['the rest of the address is under way', tried({ addresses: declined(1), addressesUnderWay: 4 }), { kind: 'wait' }],
  ])('when %s', (_, before, verdict) => expect(judgeDeclines(true, before, limits)).toEqual(verdict))
})

describe("the provider's page", () => {
  it.each([
    ['nothing was declined', tried(), go(false)],
    ['tokens are under way', tried({ buyersUnderWay: 9, addressesUnderWay: 9 }), go(false)],
    ['no token of the buyer is taken any more', tried({ buyers: declined(1, 2, 3) }), go(true)],
    ['no token from the address is taken any more', tried({ addresses: declined(1, 2, 3, 4, 5, 6, 7) }), go(true)],
    ['the buyer has had all', tried({ buyers: declined(1, 2, 3, 4) }), { kind: 'stop', until: at(61) }],
  ])('when %s', (_, before, verdict) => expect(judgeDeclines(false, before, limits)).toEqual(verdict))
})
