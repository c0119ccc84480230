// Finds the account that an address and a password belong to. Two come into question: the account that owns the
// address and, beside an owner who has confirmed it, the oldest that merely claims it. The oldest, because otherwise
// whoever signs up twice could tell by their first password whether there was an account before them.
//
// What it costs tells nobody which accounts there are: a failure takes exactly two hashes, and so does a success,
// except that of an owner who has confirmed the address. Guesses are counted apart: a device that has signed in to the
// claiming account has a count of its own for that account alone. So whoever claims an address to know its device
// gains no guess at its owner's password, and a right password of the claiming account resets no count of the owner.

import type { Sql } from '@aisle/kit/db/database'
import { isRefusal, type Refusal } from '@aisle/kit/errors'
import type { AuthService } from './context.ts'
import { beginGuess, type Guess } from './password-guesses.ts'
import { findClaimer, findUserByEmail } from './queries.ts'
import type { UserRow } from './user.ts'

type Given = { readonly email: string; readonly password: string; readonly device: string | null }
export type Found = {
  readonly user: UserRow
  /** The hash should be replaced by a current one. */
  readonly isOutdated: boolean
  /** Resets the count of guesses. */
  wasRight(sql: Sql): Promise<void>
}
/** `found` is null if no account has this password; `owner` is the account of the address, if there is one. */
export type Search = { readonly found: Found | null; readonly owner: UserRow | undefined }

/** Prepares a search that counts its guesses once, however often it is repeated because an account has changed. */
export function searchByPassword(service: AuthService, { email, password, device }: Given) {
  const { db, parts } = service
  const { passwords, knownDevices } = parts
  let ofOwner: Guess | Refusal | undefined
  let ofClaimer: Guess | Refusal | undefined

  return async (): Promise<Search | Refusal> => {
    const [owner, oldest] = await Promise.all([findUserByEmail(db.sql, email), findClaimer(db.sql, email)])
    const claimer = owner && !owner.emailConfirmedAt ? undefined : oldest
    const claimersDevice = claimer ? knownDevices.know(device, claimer.id) : null
    if (claimersDevice !== null) ofClaimer ??= await beginGuess(service, email, `claimed ${claimersDevice}`)
    const own = ofClaimer && !isRefusal(ofClaimer) ? ofClaimer : null
    if (own) {
      const found = await verify(claimer, own)
      if (found) {
        // The second hash.
        await passwords.verify(undefined, password)
        return { found, owner }
      }
    }
    ofOwner ??= await beginGuess(service, email, knownDevices.know(device, owner?.id ?? ''))
    if (isRefusal(ofOwner)) return ofOwner
    const found = await verify(owner, ofOwner)
    if (found && owner?.emailConfirmedAt) return { found, owner }
    if (own) return { found, owner }
    const claimed = await verify(ofClaimer ? undefined : claimer, { async wasRight() {} })
    return { found: found ?? claimed, owner }
  }

  async function verify(user: UserRow | undefined, { wasRight }: Guess): Promise<Found | null> {
    const { isRight, isOutdated } = await passwords.verify(user?.passwordHash, password)
    return user && isRight ? { user, isOutdated, wasRight } : null
  }
}
