// A second factor that somebody gives, as the second step of a sign-in or to prove who they are: a code or a passkey.
// An attempt with a code counts as a guess; a signature cannot be guessed.

import type { SignedByPasskey } from '@aisle/contracts/passkeys'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import type { Client } from '@aisle/kit/http/route'
import type { Session } from '@aisle/kit/http/session'
import type { AuthService } from './context.ts'
import { readCode } from './factors.ts'
import { usePasskey } from './passkeys.ts'
import { beginCodeGuess } from './password-guesses.ts'
import type { UserRow } from './user.ts'

/** What was given; `judge` decides in a transaction that has locked the user, and uses it up. */
export type Given = { judge(tx: Tx, user: UserRow): Promise<Wrong | null> }
/** `detail` is for the audit log. */
export type Wrong = { readonly refusal: Refusal; readonly detail?: string }

type Factor = { readonly code?: string | undefined; readonly passkey?: SignedByPasskey | undefined }
type Asked = { readonly userId: string; readonly device: string | null; readonly purpose: 'second-step' | 'proof' }
type Caller = { readonly session: Session | null; readonly client: Client }

/** Prepares to judge a code or a passkey. `device` is what guesses are counted for. */
export async function giveFactor(
  service: AuthService,
  request: Caller,
  { code = '', passkey }: Factor,
  { userId, device, purpose }: Asked,
): Promise<Given | Refusal> {
  if (passkey) {
    return {
      async judge(tx) {
        const use = await usePasskey(tx, service, passkey, { purpose, userId })
        return use.ok ? null : { refusal: refuse('invalid-passkey'), detail: use.why }
      },
    }
  }
  const guess = await beginCodeGuess(service, userId, device)
  if (isRefusal(guess)) return guess
  const typed = await readCode(service, userId, code)
  return {
    async judge(tx, user) {
      if (!(await typed.use(tx, request, user))) return { refusal: refuse('wrong-code', { field: 'code' }) }
      await guess.wasRight(tx.sql)
      return null
    },
  }
}
