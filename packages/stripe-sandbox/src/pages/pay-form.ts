// The hosted page's form: its fields, the validation of the input, and the page around it.

import { displayAmount } from '../api/currencies.ts'
import { FormError, parseForm } from '../api/form.ts'
import { isEmail } from '../api/params.ts'
import { type CardProblem, cardProblems } from '../api/payment-methods.ts'
import type { Session } from '../store/records.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'

/** The fields as typed. */
export interface TypedPayment {
  email: string
  /** `typed`, or the number of a test card chosen instead of typing one. */
  card: string
  number: string
  expiry: string
  cvc: string
  name: string
}

const fieldsInOrder = ['email', 'number', 'expiry', 'cvc', 'name'] as const
type FieldName = (typeof fieldsInOrder)[number]

/** The payment requested by a valid form. */
export interface ReadPayment {
  buyer: { email: string; name: string | null }
  card: { number: string; expMonth?: number; expYear?: number }
}

/** A sentence for each invalid field. */
export type FieldErrors = Partial<Record<FieldName, string>>

const typedCard = 'typed'
const offered: [number: string, what: string][] = [
  ['4242424242424242', 'Pays'],
  ['4000002500003155', '3-D Secure, then pays'],
  ['4000008400001629', '3-D Secure, then declined'],
  ['4000000000000002', 'Declined'],
  ['4000000000009995', 'Insufficient funds'],
  ['4000000000005126', 'Pays, refund fails later'],
  ['4000000000007726', 'Pays, refund pending first'],
]
const fieldOfParam: Record<CardProblem['param'], FieldName> = {
  number: 'number',
  exp_month: 'expiry',
  exp_year: 'expiry',
  cvc: 'cvc',
}

/** The form before any input. */
export function emptyPayment(session: Session): TypedPayment {
  const email = session.buyer?.email ?? session.customerEmail ?? ''
  return { email, card: typedCard, number: '', expiry: '', cvc: '', name: session.buyer?.name ?? '' }
}

/** Reads the submitted form. A missing field is empty; a field that is not on the page is ignored. */
export function readTyped(body: unknown): TypedPayment {
  const form = parseForm(typeof body === 'string' ? body : '')
  const field = (name: string) => {
    const value = form[name] ?? ''
    if (typeof value !== 'string') throw new FormError(`The field '${name}' must be text.`)
    return value.trim().slice(0, 200)
  }
  return {
    email: field('email'),
    card: offered.some(([number]) => number === field('card')) ? field('card') : typedCard,
    number: field('number'),
    expiry: field('expiry'),
    cvc: field('cvc'),
    name: field('name'),
  }
}

/** How to pay, or what is invalid; `now` in Unix seconds. */
export function checkTyped(typed: TypedPayment, now: number): ReadPayment | { errors: FieldErrors } {
  const errors: FieldErrors = {}
  if (!isEmail(typed.email)) errors.email = 'Enter an email address, such as name@example.com.'
  if (typed.card !== typedCard) {
    if (errors.email) return { errors }
    return { buyer: { email: typed.email, name: null }, card: { number: typed.card } }
  }
  const number = typed.number.replaceAll(/[\s-]/g, '')
  const expiry = /^(\d{1,2})\s*\/?\s*(\d{2}|\d{4})$/.exec(typed.expiry)
  const card = { number, expMonth: Number(expiry?.[1]), expYear: Number(expiry?.[2]) }
  for (const problem of cardProblems({ ...card, cvc: typed.cvc }, now)) {
    errors[fieldOfParam[problem.param]] = problem.message
  }
  if (number === '') errors.number = 'Enter a card number, or choose a test card.'
  if (!expiry) errors.expiry = 'Enter the month and year, such as 12 / 34.'
  if (typed.cvc === '') errors.cvc = 'Enter the security code.'
  if (typed.name === '') errors.name = 'Enter the name on the card.'
  if (Object.keys(errors).length > 0) return { errors }
  return { buyer: { email: typed.email, name: typed.name }, card }
}

/** The page, with the earlier input and why it did not pay. */
export function payPage(
  session: Session,
  typed: TypedPayment,
  now: number,
  errors: FieldErrors = {},
  declined: string | null = null,
): Page {
  const amount = displayAmount(session.amountTotal, session.currency)
  const failed = declined !== null || Object.keys(errors).length > 0
  return {
    title: `${failed ? 'Error: pay' : 'Pay'} ${amount}`,
    leadsTo: [session.successUrl, session.cancelUrl],
    main: html`<main class="checkout">
${summary(session, amount, now)}
<form class="pay" method="post" novalidate>
${failed && problems(errors, declined)}
<h2 id="contact">Contact</h2>
${textField('email', 'Email', typed.email, errors.email, html`type="email" autocomplete="email"`)}
<fieldset class="cards">
<legend>Card</legend>
${cardChoice(typedCard, typed.card, html`Type a card number`)}
${offered.map(([number, what]) =>
  cardChoice(number, typed.card, html`<span class="number">${spaced(number)}</span> <span class="what">${what}</span>`),
)}
</fieldset>
<div class="typed">
${textField('number', 'Card number', typed.number, errors.number, html`inputmode="numeric" autocomplete="off"`)}
<div class="pair">
${textField('expiry', 'Expiry (MM / YY)', typed.expiry, errors.expiry, html`inputmode="numeric" autocomplete="off"`)}
${textField('cvc', 'Security code (CVC)', '', errors.cvc, html`inputmode="numeric" autocomplete="off"`)}
</div>
${textField('name', 'Name on card', typed.name, errors.name, html`autocomplete="off"`)}
</div>
${session.submitText !== null && html`<p class="hint">${session.submitText}</p>`}
<button class="button">Pay ${amount}</button>
<p class="hint">${session.intentData.captureMethod === 'manual' ? 'The amount is set aside now. It is taken once the shop confirms your order.' : 'The amount is taken now.'}</p>
</form>
</main>`,
  }
}

function summary(session: Session, amount: string, now: number): Html {
  const minutes = Math.max(1, Math.floor((session.expiresAt - now) / 60))
  return html`<section class="summary" aria-labelledby="total">
${session.cancelUrl !== null && html`<p><a href="${session.cancelUrl}">Back to the shop</a></p>`}
<h1 id="total"><span class="label">To pay</span> ${amount}</h1>
<ul class="items">
${session.lineItems.map(
  (item) => html`<li>
<span class="name">${item.name}</span>
<span class="price">${displayAmount(item.unitAmount * item.quantity, session.currency)}</span>
${item.description !== null && html`<span class="detail">${item.description}</span>`}
${item.quantity > 1 && html`<span class="detail">${item.quantity} at ${displayAmount(item.unitAmount, session.currency)} each</span>`}
</li>`,
)}
</ul>
<p class="hint">This page stays open for another ${duration(minutes)}.</p>
</section>`
}

function problems(errors: FieldErrors, declined: string | null): Html {
  const wrong = fieldsInOrder.filter((field) => errors[field] !== undefined)
  const links = wrong.map((field) => html`<li><a href="#${field}">${errors[field]!}</a></li>`)
  return html`<div class="problem" role="alert" tabindex="-1" autofocus>
${declined !== null && html`<p><strong>${declined}</strong></p>`}
<p>You have not been charged.${links.length > 0 && ' Please correct this:'}</p>
${links.length > 0 && html`<ul>${links}</ul>`}
</div>`
}

function textField(name: FieldName, label: string, value: string, error: string | undefined, attributes: Html): Html {
  const described = error === undefined ? html`` : html` aria-invalid="true" aria-describedby="${name}-error"`
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${value}" maxlength="200" ${attributes}${described}>
${error !== undefined && html`<p class="error" id="${name}-error">${error}</p>`}
</div>`
}

function cardChoice(value: string, chosen: string, label: Html): Html {
  return html`<label class="choice"><input type="radio" name="card" value="${value}"${value === chosen && html` checked`}><span>${label}</span></label>
`
}

function spaced(number: string): string {
  return number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
}

function duration(minutes: number): string {
  if (minutes < 120) return minutes === 1 ? 'minute' : `${minutes} minutes`
  return `${Math.floor(minutes / 60)} hours`
}
