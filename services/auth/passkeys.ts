// The passkeys of users: what their browsers get to make or find one, and the use of one.

import type { CreationOptions, Passkey, RequestOptions, SignedByPasskey } from '@aisle/contracts/passkeys'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { AuthService } from './context.ts'
import { type Asking, challengeMs, makeChallenge, useChallenge } from './passkey-challenges.ts'
import { lockUser } from './queries.ts'
import type { UserRow } from './user.ts'
import { algorithms, challengeOf, isCounterBack, relyingPartyOf, verifySigned } from './web-authn.ts'

export type PasskeyRow = {
  readonly id: string
  readonly userId: string
  readonly credentialId: Buffer
  readonly publicKey: Buffer
  readonly counter: string
  readonly transports: readonly string[]
  readonly name: string
  readonly madeAt: Date
  readonly usedAt: Date | null
}

/** How many passkeys an account may have. */
export const mostPasskeys = 10

export const toPasskey = ({ id, name, madeAt, usedAt }: PasskeyRow): Passkey => ({
  id,
  name,
  madeAt: madeAt.toISOString(),
  ...(usedAt === null ? {} : { usedAt: usedAt.toISOString() }),
})

/** The user's passkeys, oldest first. */
export const passkeysOf = (sql: Sql, userId: string): Promise<PasskeyRow[]> =>
  sql<PasskeyRow[]>`select * from passkeys where user_id = ${userId} order by id`

type Options = Pick<AuthService, 'config' | 'clock'>

/** What the browser needs to make a passkey for the user; `known` are those that there are. */
export async function creationOptions(
  sql: Sql,
  { config, clock }: Options,
  { id, email, name }: UserRow,
  known: readonly PasskeyRow[],
): Promise<CreationOptions> {
  return {
    challenge: await makeChallenge(sql, { purpose: 'register', userId: id }, clock.now()),
    rp: { id: relyingPartyOf(config).id, name: 'Aisle' },
    user: { id: handleOf(id), name: email, displayName: name ?? email },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: challengeMs,
    attestation: 'none',
    excludeCredentials: known.map(describe),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  }
}

/**
 * What the browser needs to ask for a passkey: for one of the user's, if they have any, or, at a sign-in, for any that
 * it has of this site.
 */
export async function requestOptions(
  sql: Sql,
  { config, clock }: Options,
  asking: Asking,
): Promise<RequestOptions | Refusal> {
  const known = asking.purpose === 'sign-in' ? null : await passkeysOf(sql, asking.userId)
  if (known?.length === 0) return refuse('not-found')
  return {
    challenge: await makeChallenge(sql, asking, clock.now()),
    rpId: relyingPartyOf(config).id,
    timeout: challengeMs,
    userVerification: 'required',
    ...(known ? { allowCredentials: known.map(describe) } : {}),
  }
}

const describe = ({ credentialId, transports }: PasskeyRow) => ({
  id: credentialId.toString('base64url'),
  type: 'public-key' as const,
  transports: [...transports],
})

/** The user's id as authenticators keep it. */
const handleOf = (userId: string): string => Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')

/** Who used the passkey, locked; or why it does not count, and whose it is as far as that is known. */
export type Use =
  | { readonly ok: true; readonly user: UserRow }
  | { readonly ok: false; readonly why: string; readonly userId: string | undefined }

/**
 * Uses a signature by a passkey, once, and locks its user. Commit in either case: the challenge is used up. A user that
 * the transaction has locked already is the one in `asking`.
 */
export async function usePasskey(
  tx: Tx,
  { config, clock }: AuthService,
  signed: SignedByPasskey,
  asking: Asking,
): Promise<Use> {
  const now = clock.now()
  const challenge = challengeOf(signed)
  const isAsked = challenge !== null && (await useChallenge(tx.sql, challenge, asking, now))
  if (!isAsked) return { ok: false, why: 'not asked for', userId: undefined }
  const credentialId = Buffer.from(signed.id, 'base64url')
  const [owner] = await tx.sql<{ userId: string }[]>`
    select user_id from passkeys where credential_id = ${credentialId}`
  const fault = (why: string): Use => ({ ok: false, why, userId: owner?.userId })
  if (!owner) return fault('unknown')
  const isTheirs = asking.purpose === 'sign-in' || asking.userId === owner.userId
  // Where passkeys were named, an authenticator need not say whose it is (WebAuthn, 6.3.3).
  const handle = signed.userHandle ?? (asking.purpose === 'sign-in' ? null : handleOf(owner.userId))
  if (!isTheirs || handle !== handleOf(owner.userId)) return fault('of another user')
  const user = await lockUser(tx.sql, owner.userId)
  // Read under the lock: it may have been removed, or used at the same time.
  const [passkey] = await tx.sql<PasskeyRow[]>`select * from passkeys where credential_id = ${credentialId}`
  if (!user || !passkey) return fault('unknown')
  const checked = await verifySigned(config, signed, passkey.publicKey)
  if (!checked) return fault('not verified')
  if (isCounterBack(Number(passkey.counter), checked.counter)) return fault('its counter went back')
  await tx.sql`
    update passkeys set counter = ${checked.counter}, backed_up = ${checked.backedUp}, used_at = ${now}
    where id = ${passkey.id}`
  return { ok: true, user }
}
