// Expected refusals are values; this is their only form. Everything that is thrown is an internal error and becomes
// a 500 that reveals nothing.

import { type RefusalCode, refusals } from '@aisle/contracts/refusals'

export type Refusal = {
  readonly refused: RefusalCode
  readonly errors: readonly { message: string; field?: string }[]
  /** Members added to the problem document, for example `declineCode`. */
  readonly extra: Readonly<Record<string, unknown>>
}

/**
 * The member of the problem document with the seconds until a retry; the header Retry-After carries the same value.
 */
export const retryAfter = 'retryAfterSeconds'

/**
 * Refuses with a code of the closed table. `message` replaces the code's own sentence, `field` names the offending
 * input, `retryAfterSeconds` is when the same may be retried.
 */
export function refuse(
  code: RefusalCode,
  detail: { message?: string; field?: string; extra?: Record<string, unknown>; retryAfterSeconds?: number } = {},
): Refusal {
  const message = detail.message ?? refusals[code].title
  return {
    refused: code,
    errors: [detail.field === undefined ? { message } : { message, field: detail.field }],
    extra: {
      ...detail.extra,
      ...(detail.retryAfterSeconds === undefined ? {} : { [retryAfter]: detail.retryAfterSeconds }),
    },
  }
}

/** Whether a handler's result is a refusal. */
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value
