// How a request specifies a card: a test payment method, a test token, or the number of a test card.

import { newId } from '../store/ids.ts'
import type { PaymentMethod } from '../store/records.ts'
import type { Call } from './call.ts'
import { cardOfNumber, cardOfPaymentMethod, cardOfToken, passesLuhn } from './cards.ts'
import { invalidCard, invalidRequest, resourceMissing } from './errors.ts'
import { hash, integer, oneOf, required, text, type Values } from './params.ts'

/** The parameters that give a PaymentIntent a card. */
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
    if (card) return storeCard(call, card.number)
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
    return storeCard(call, card.number)
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
  const card = { number: typed.number, expMonth: typed.exp_month, expYear: typed.exp_year, cvc: typed.cvc }
  const [problem] = cardProblems(card, call.now)
  if (problem) throw invalidCard(problem.code, problem.message, problem.param)
  return storeCard(call, card.number, card.expMonth, card.expYear)
}

/** A card's details as typed. */
export interface TypedCard {
  number: string
  expMonth: number
  /** With two digits or four. */
  expYear: number
  cvc: string | undefined
}

/** A problem with a card's details, found before any charge is attempted. */
export interface CardProblem {
  code: string
  message: string
  param: 'number' | 'exp_month' | 'exp_year' | 'cvc'
}

/** All problems with a card's details; `now` in Unix seconds. */
export function cardProblems({ number: typed, expMonth, expYear, cvc }: TypedCard, now: number): CardProblem[] {
  const problems: CardProblem[] = []
  const number = digitsOf(typed)
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number)) {
    problems.push({ code: 'incorrect_number', message: 'Your card number is incorrect.', param: 'number' })
  }
  const today = new Date(now * 1000)
  const thisYear = today.getUTCFullYear()
  const year = fullYear(expYear)
  const month: CardProblem = {
    code: 'invalid_expiry_month',
    message: "Your card's expiration month is invalid.",
    param: 'exp_month',
  }
  if (expMonth < 1 || expMonth > 12) problems.push(month)
  else if (year < thisYear || year > thisYear + 50) {
    problems.push({
      code: 'invalid_expiry_year',
      message: "Your card's expiration year is invalid.",
      param: 'exp_year',
    })
  } else if (year === thisYear && expMonth < today.getUTCMonth() + 1) problems.push(month)
  const cvcLength = cardOfNumber(number).brand === 'amex' ? 4 : 3
  if (cvc !== undefined && !(/^\d+$/.test(cvc) && cvc.length === cvcLength)) {
    problems.push({ code: 'invalid_cvc', message: "Your card's security code is invalid.", param: 'cvc' })
  }
  return problems
}

/** Stores a card. Without an expiry it is a test token's card, which expires the year after next and so never has. */
export function storeCard(call: Call, number: string, expMonth = 12, expYear?: number): PaymentMethod {
  const method = {
    id: newId('pm'),
    created: call.now,
    number: digitsOf(number),
    expMonth,
    expYear: expYear === undefined ? new Date(call.now * 1000).getUTCFullYear() + 2 : fullYear(expYear),
  }
  call.store.paymentMethods.insert(method)
  return method
}

function digitsOf(number: string): string {
  return number.replaceAll(/[\s-]/g, '')
}

function fullYear(year: number): number {
  return year < 100 ? 2000 + year : year
}
