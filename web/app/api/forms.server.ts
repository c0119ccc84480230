// A form on its way in: its fields as text, and how it goes back when the API refuses it.

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

/** These controls come along with copied text. They cannot be seen, and the API refuses them in a line. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g
const tidy = (name: string, value: string) => (secret.test(name) ? value : value.replaceAll(turning, ''))

/** Without what was left empty: an empty field is one that was not filled in, not an empty text. */
export function filled<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value?.trim())) as { [K in keyof T]?: string }
}

const secret = /password/i

/**
 * Hands a form back with what was typed, but for passwords. One who is signed out goes to sign in first, and finds
 * it on the page when they come back.
 */
export function reject(context: Context, typed: Typed, { status, problem }: { status: number; problem: Problem }) {
  const values = Object.fromEntries(Object.entries(typed).filter(([name]) => !secret.test(name)))
  const { code, errors, retryAfterSeconds } = problem
  if (code === 'not-signed-in') {
    keepDraft(context, values)
    throw refusalPage(context, { status, problem })
  }
  return data<Rejected>({ values, code, faults: errors, retryAfterSeconds }, status)
}
