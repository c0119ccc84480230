// The second step of a sign-in, between two pages: its challenge is in a cookie that no script can read, and in no URL.

import { FactorMethod, type Problem } from '@aisle/contracts/endpoint'
import { keepCookie, readCookie } from './cookies.server.ts'
import type { Context } from './visit.server.ts'

const name = 'second-step'
/** As long as auth accepts it. */
const keptSeconds = 10 * 60
const form = /^([\w-]{1,128})((?:\.[a-z-]+)+)$/

export type SecondStep = { readonly challenge: string; readonly methods: readonly FactorMethod[] }

export const keepSecondStep = (context: Context, { challenge = '', methods = [] }: Problem): void =>
  keepCookie(context, name, [challenge, ...methods].join('.'), keptSeconds)

/** The second step that the visitor has yet to take, if any. */
export function readSecondStep(context: Context): SecondStep | undefined {
  const [, challenge, methods] = form.exec(readCookie(context, name) ?? '') ?? []
  if (challenge === undefined || methods === undefined) return undefined
  const given = methods.split('.')
  return { challenge, methods: FactorMethod.enum.filter((method) => given.includes(method)) }
}

export const dropSecondStep = (context: Context): void => keepCookie(context, name, '', 0)
