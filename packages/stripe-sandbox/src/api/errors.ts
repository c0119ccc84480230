// Stripe's refusals, each with Stripe's status and body. Thrown before anything is written.

import type Stripe from 'stripe'

/** Stripe's error types that the sandbox uses. */
export type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** The content of Stripe's `{ error: {...} }`. Absent fields are left out, as Stripe does. */
export interface ErrorDetails {
  type: ErrorType
  message: string
  code?: string
  param?: string
  decline_code?: string
  advice_code?: string
  doc_url?: string
  charge?: string
  payment_intent?: Stripe.PaymentIntent
  payment_method?: Stripe.PaymentMethod
}

/** A refusal on its way to the caller. */
export class StripeFault extends Error {
  readonly status: number
  readonly details: ErrorDetails

  constructor(status: number, details: ErrorDetails) {
    super(details.message)
    this.status = status
    this.details = details.code ? { ...details, doc_url: docUrl(details.code) } : details
  }
}

/** Stripe's documentation of an error code. */
export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`
}

/** 400 invalid_request_error, with `code` and `param` only where Stripe sends them. */
export function invalidRequest(message: string, extra: { code?: string; param?: string } = {}): StripeFault {
  return new StripeFault(400, { type: 'invalid_request_error', message, ...extra })
}

/** No such object: 404 for the object in the path, 400 for one named by a parameter. */
export function resourceMissing(kind: string, id: string, param: string, status: 400 | 404 = 404): StripeFault {
  return new StripeFault(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  })
}

/** The intent's status does not allow the request. Stripe embeds the intent. */
export function unexpectedState(message: string, intent: Stripe.PaymentIntent): StripeFault {
  return new StripeFault(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message,
    payment_intent: intent,
  })
}

/** 402 for card details that cannot be right (number, expiry, cvc), found before any charge is attempted. */
export function invalidCard(code: string, message: string, param: string): StripeFault {
  return new StripeFault(402, { type: 'card_error', code, message, param })
}

/** Stripe's refusal of a parameter that does not exist. */
export function unknownParameters(names: string[]): StripeFault {
  const plural = names.length > 1 ? 's' : ''
  return invalidRequest(`Received unknown parameter${plural}: ${names.join(', ')}`, {
    code: 'parameter_unknown',
    param: names[0]!,
  })
}
