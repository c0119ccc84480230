// Every answer that is not a success has one form: application/problem+json (RFC 9457) with `errors` for the
// fields.

import type { Problem } from '@aisle/contracts/endpoint'
import { refusals } from '@aisle/contracts/refusals'
import type { Refusal } from '../errors.ts'

/** The media type of problem documents (RFC 9457, 3). */
export const problemType = 'application/problem+json'

/** The problem document of a refusal. */
export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { status, title } = refusals[refusal.refused]
  return {
    type: `urn:aisle:refusal:${refusal.refused}`,
    title,
    status,
    code: refusal.refused,
    requestId,
    ...refusal.extra,
    errors: [...refusal.errors],
  }
}
