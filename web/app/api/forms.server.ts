// Reads a form's fields as text, and hands the form back if the API refuses it.

import type { Problem } from '@aisle/contracts/endpoint'
import { data } from 'react-router'
import type { Rejected } from '../parts/rejection.tsx'
import { refusalPage } from './call-api.server.ts'
import { keepDraft } from './draft.server.ts'
import type { Context } from './visit.server.ts'

export type Typed = Readonly<Record<string, string>>

export async function readForm(request: Request): Promise<Typed> {
  const form = await request.formData().catch(() => {
    throw data({ code: 'invalid' }, 400)
  })
  return Object.fromEntries(
    [...form].map(([name, value]) => [name, typeof value === 'string' ? tidy(name, value) : '']),
  )
}

/** These control characters come with copied text. They are invisible, and the API refuses them in single-line text. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g
const tidy = (name: string, value: string) => (secret.test(name) ? value : value.replaceAll(turning, ''))

/** Without empty fields: an empty field was not filled in; it is not an empty text. */
export function filled<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value?.trim())) as { [K in keyof T]?: string }
}

const secret = /password|secret|code/i

/**
 * Hands a form back with what was typed, except passwords and codes. A visitor who is signed out, or must confirm first
 * that it is they, finds the form on the page afterwards.
 */
export function reject(context: Context, typed: Typed, { status, problem }: { status: number; problem: Problem }) {
  const values = Object.fromEntries(Object.entries(typed).filter(([name]) => !secret.test(name)))
  const { code, errors, retryAfterSeconds } = problem
  if (code === 'not-signed-in' || code === 'proof-needed') {
    keepDraft(context, values)
    throw refusalPage(context, { status, problem })
  }
  return data<Rejected>({ values, code, faults: errors, retryAfterSeconds }, status)
}

/** A secret in a link that nobody can have is refused like any other that does not work. */
export function sameForBadLinks<A extends { status: number; problem: Problem }>(refused: A): A {
  const isMalformed = refused.problem.errors.some(({ field }) => field === 'token')
  return isMalformed
    ? { ...refused, status: 422, problem: { ...refused.problem, code: 'invalid-link', errors: [] } }
    : refused
}
