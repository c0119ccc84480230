// Recovery codes: ten of 16 characters (77 bits) that work once each, for a user whose other second factors are gone.
// They are shown once. Their argon2id hashes have one salt per user, so that a check costs one hash.

import { randomBytes, randomInt } from 'node:crypto'
import { plain, readable } from '@aisle/contracts/readable'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { hashRaw } from '@node-rs/argon2'
import { cost } from './passwords.ts'

const howMany = 10
const length = 16
const saltBytes = 16

export type NewCodes = {
  /** For the user, such as K7MP-42XW-9QRT-AB3D. */
  readonly codes: readonly string[]
  readonly salt: Buffer
  readonly hashes: readonly Buffer[]
}

const hash = (code: string, salt: Buffer) => hashRaw(plain(code), { ...cost, salt })
const makeCode = () =>
  Array.from({ length }, () => readable[randomInt(readable.length)])
    .join('')
    .replaceAll(/.{4}(?=.)/g, '$&-')

/** Makes codes and hashes them, which takes a tenth of a second: not in a transaction. */
export async function makeCodes(): Promise<NewCodes> {
  const codes = Array.from({ length: howMany }, makeCode)
  const salt = randomBytes(saltBytes)
  return { codes, salt, hashes: await Promise.all(codes.map((code) => hash(code, salt))) }
}

/** Replaces all codes of the user, locked by `tx`. */
export async function replaceCodes(tx: Tx, userId: string, { salt, hashes }: NewCodes, now: Date): Promise<void> {
  await tx.sql`delete from recovery_codes where user_id = ${userId}`
  const rows = hashes.map((codeHash) => ({ user_id: userId, code_hash: codeHash, salt, made_at: now }))
  await tx.sql`insert into recovery_codes ${tx.sql(rows)}`
}

/** The hash of what may be a code of the user; null if the user has no codes. */
export async function hashCode(sql: Sql, userId: string, typed: string): Promise<Buffer | null> {
  const [row] = await sql<{ salt: Buffer }[]>`select salt from recovery_codes where user_id = ${userId} limit 1`
  return row ? hash(typed, row.salt) : null
}

/** Uses up the code with this hash. False if the user has none, or it was used. */
export async function useRecoveryCode(tx: Tx, userId: string, codeHash: Buffer, now: Date): Promise<boolean> {
  const used = await tx.sql`
    update recovery_codes set used_at = ${now}
    where user_id = ${userId} and code_hash = ${codeHash} and used_at is null returning 1`
  return used.length > 0
}
