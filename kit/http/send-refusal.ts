// Sends a refusal: a code from the closed table, as a problem document.

import { type RefusalCode, refusals } from '@aisle/contracts/refusals'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isTimeout, isTransient } from '../db/database.ts'
import { type Refusal, refuse } from '../errors.ts'
import { problemOf, problemType } from './problem.ts'

/** Sends the refusal's status and problem document. */
export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
  request.refused = refusal.refused
  return reply
    .code(refusals[refusal.refused].status)
    .header('x-request-id', request.id)
    .type(problemType)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemOf(refusal, request.id))
}

const sentences: Record<string, string> = {
  MALFORMED_JSON: 'The body is not valid JSON.',
  NOT_UTF8: 'The body is not UTF-8.',
}

/**
 * The refusal that the client gets for a thrown error. Only the framework's own errors about the request carry
 * details; all others are internal. `retryAfterSeconds`: when a client that exceeds its rate limit may call again.
 */
export function refusalOf(
  error: { statusCode?: number | undefined; code?: string | undefined },
  retryAfterSeconds = 0,
): Refusal {
  const byStatus: Record<number, RefusalCode> = {
    404: 'not-found',
    413: 'too-large',
    414: 'too-large',
    415: 'unsupported-media-type',
    429: 'too-many-requests',
  }
  const code = byStatus[error.statusCode ?? 500]
  if (code) return refuse(code, code === 'too-many-requests' && retryAfterSeconds >= 1 ? { retryAfterSeconds } : {})
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return refuse('invalid', {
      message: sentences[error.code ?? ''] ?? 'The request cannot be understood.',
    })
  }
  return refuse(isTransient(error) || isTimeout(error) ? 'unavailable' : 'internal')
}
