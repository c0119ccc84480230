// How a request names a card: a test payment method, a test token, or the number of a test card.

import type { Call } from './call.ts'
import { cardOfNumber, cardOfPaymentMethod, cardOfToken, passesLuhn } from './cards.ts'
import { invalidCard, invalidRequest, resourceMissing } from './errors.ts'
import { newId } from './ids.ts'
import { hash, integer, oneOf, required, text, type Values } from './params.ts'
import type { PaymentMethod } from './records.ts'

/** The parameters by which a PaymentIntent is given a card. */
export const paymentMethodFields = {
  payment_method: text(),
  payment_method_data: hash({
    type: required(oneOf('card')),
    card: hash({ token: text(), number: text(), exp_month: integer(), exp_year: integer(), cvc: text() }),
  }),
}

/** The payment method that a request names, stored; null if it names none. */
export function findPaymentMethod(call: Call, values: Values<typeof paymentMethodFields>): PaymentMethod | null {
  const { payment_method: id, payment_method_data: data } = values
  if (id !== undefined && data !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: payment_method, payment_method_data.')
  }
  if (id !== undefined) {
    const card = cardOfPaymentMethod(id)
    if (card) return store(call, card.number)
    const known = call.store.paymentMethods.get(id)
    if (!known) throw resourceMissing('PaymentMethod', id, 'payment_method', 400)
    return known
  }
  if (data === undefined) return null
  if (data.card === undefined) {
    throw invalidRequest('Missing required param: payment_method_data[card].', {
      code: 'parameter_missing',
      param: 'payment_method_data[card]',
    })
  }
  const { token } = data.card
  if (token !== undefined) {
    const card = cardOfToken(token)
    if (!card) throw resourceMissing('token', token, 'payment_method_data[card][token]', 400)
    return store(call, card.number)
  }
  return typedCard(call, data.card)
}

function typedCard(
  call: Call,
  typed: {
    number: string | undefined
    exp_month: number | undefined
    exp_year: number | undefined
    cvc: string | undefined
  },
): PaymentMethod {
  const missing = (['number', 'exp_month', 'exp_year'] as const).find((key) => typed[key] === undefined)
  if (typed.number === undefined || typed.exp_month === undefined || typed.exp_year === undefined) {
    const param = `payment_method_data[card][${missing}]`
    throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  const number = typed.number.replaceAll(/[ -]/g, '')
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number)) {
    throw invalidCard('incorrect_number', 'Your card number is incorrect.', 'number')
  }
  const today = new Date(call.now * 1000)
  const year = typed.exp_year < 100 ? 2000 + typed.exp_year : typed.exp_year
  if (typed.exp_month < 1 || typed.exp_month > 12) {
    throw invalidCard('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
  if (year < today.getUTCFullYear() || year > today.getUTCFullYear() + 50) {
    throw invalidCard('invalid_expiry_year', "Your card's expiration year is invalid.", 'exp_year')
  }
  if (year === today.getUTCFullYear() && typed.exp_month < today.getUTCMonth() + 1) {
    throw invalidCard('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
  const cvcLength = cardOfNumber(number).brand === 'amex' ? 4 : 3
  if (typed.cvc !== undefined && !(/^\d+$/.test(typed.cvc) && typed.cvc.length === cvcLength)) {
    throw invalidCard('invalid_cvc', "Your card's security code is invalid.", 'cvc')
  }
  return store(call, number, typed.exp_month, year)
}

// A test token's card runs out in the year after next, so that it never has.
function store(call: Call, number: string, expMonth = 12, expYear?: number): PaymentMethod {
  const method = {
    id: newId('pm'),
    created: call.now,
    number,
    expMonth,
    expYear: expYear ?? new Date(call.now * 1000).getUTCFullYear() + 2,
  }
  call.store.paymentMethods.insert(method)
  return method
}
