// Expected refusals are values; this is their only shape. Everything that is thrown is a fault of ours and becomes a 500 that reveals nothing.

import { type RefusalCode, refusals } from '@aisle/contracts/refusals'

export type Refusal = {
  readonly refused: RefusalCode
  readonly errors: readonly { message: string; field?: string }[]
  /** Members added to the problem document, for example `declineCode`. */
  readonly extra: Readonly<Record<string, unknown>>
}

/** The member of the problem document that says when to try again; the header Retry-After says the same. */
export const retryAfter = 'retryAfterSeconds'

/**
 * Refuses with a code of the closed table. `detail` says more than the code's own sentence, `field` names the input at
 * fault, `retryAfterSeconds` says when the same may be tried again.
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

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value
