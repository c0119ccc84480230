import { describe, expect, it } from 'vitest'
import { differencesOf, type OurPayment, type OurRefund, type TheirBooks } from './compare-books.ts'

const payment: OurPayment = {
  id: 'p1',
  status: 'captured',
  amount: 4500,
  amountRefunded: 1000,
  currency: 'eur',
  stripeId: 'pi_1',
  atProvider: 3500,
}
const refund: OurRefund = { paymentId: 'p1', stripeId: 're_1', status: 'succeeded', amount: 1000 }
const intent = {
  id: 'pi_1',
  status: 'succeeded' as const,
  amount: 4500,
  amount_received: 4500,
  currency: 'eur',
  metadata: { payment_id: 'p1' },
}
const theirs: TheirBooks = {
  intents: [intent],
  refunds: [{ id: 're_1', status: 'succeeded', amount: 1000, metadata: { payment_id: 'p1' } }],
  openPages: [],
}
const found = (ours: Partial<OurPayment>, books: Partial<TheirBooks> = {}, refunds: OurRefund[] = [refund]) =>
  differencesOf([{ ...payment, ...ours }], refunds, { ...theirs, ...books }).map(({ what }) => what)

it('books that agree have no difference', () => {
  expect(found({})).toEqual([])
  expect(differencesOf([], [], { intents: [], refunds: [], openPages: [] })).toEqual([])
})

describe('a difference is named', () => {
  it.each<[string, string[], RegExp]>([
    [
      'captured here, held there',
      found({}, { intents: [{ ...intent, status: 'requires_capture', amount_received: 0 }] }),
      /captured with us and requires_capture/,
    ],
    ['captured here, unknown there', found({}, { intents: [] }), /captured with us and not there/],
    ['voided here, taken there', found({ status: 'voided', atProvider: -1000 }), /voided with us and succeeded/],
    ['another amount', found({ amount: 4400, atProvider: 3400 }), /4400 eur with us and 4500 eur/],
    ['another currency', found({ currency: 'usd' }), /4500 usd with us and 4500 eur/],
    [
      'captured in part',
      found({}, { intents: [{ ...intent, amount_received: 4000 }] }),
      /brought 4500 with us and 4000/,
    ],
    ['another sum in the ledger', found({ atProvider: 4500 }), /leaves 3500 with the provider, the ledger says 4500/],
    ['a second capture', found({}, { intents: [intent, { ...intent, id: 'pi_2' }] }), /second intent pi_2, succeeded/],
    [
      'a payment of nobody',
      found({}, { intents: [intent, { ...intent, id: 'pi_3', metadata: { payment_id: 'p3' } }] }),
      /pi_3.*p3 that is not here/,
    ],
    [
      'an open page of a paid order',
      found({}, { openPages: [{ id: 'cs_1', metadata: { payment_id: 'p1' } }] }),
      /page cs_1 still open/,
    ],
    [
      'a refund that failed there',
      found({}, { refunds: [{ ...theirs.refunds[0]!, status: 'failed' }] }),
      /succeeded with us and failed/,
    ],
    ['a refund that is not there', found({}, { refunds: [] }), /succeeded with us and not there/],
    ['a refund that is not here', found({}, {}, []), /re_1 of 1000 at the provider that we do not have/],
  ])('%s', (_, differences, expected) => {
    expect(differences.join('\n')).toMatch(expected)
  })

  it('but what belongs to another program on the same account is not ours', () => {
    expect(found({}, { intents: [intent, { ...intent, id: 'pi_4', metadata: {} }] })).toEqual([])
  })
})
