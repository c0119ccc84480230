// The secrets of authenticator apps, encrypted at rest: whoever reads the database or a backup of it cannot compute a
// code. A sealed secret is a JSON Web Encryption in compact form (RFC 7516), `dir` with AES-256-GCM, under a key that
// is derived from FACTOR_SECRETS. Its header names the key and the user, so that it is worth nothing in another row.

import { hkdfSync } from 'node:crypto'
import type { Sql } from '@aisle/kit/db/database'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import type { StartingAuth } from './context.ts'

const algorithm = 'dir'
const encryption = 'A256GCM'

export type FactorSecrets = {
  /** Encrypts the secret of a user's authenticator. */
  seal(userId: string, secret: string): Promise<string>
  /** Decrypts it; throws if it was sealed for another user, or under a secret that is no longer in FACTOR_SECRETS. */
  open(userId: string, sealed: string): Promise<string>
  /** Whether it was sealed under the first of FACTOR_SECRETS. */
  isCurrent(sealed: string): boolean
}

const derive = (secret: string, purpose: string, bytes: number) =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes))

/** `setting` is FACTOR_SECRETS: the first secret encrypts, each of them decrypts. */
export function createFactorSecrets(setting: string): FactorSecrets {
  const keys = setting.split(',').map((secret) => ({
    kid: derive(secret, 'name of the key of factor secrets', 8).toString('base64url'),
    key: derive(secret, 'factor secrets', 32),
  }))
  const [first] = keys as [(typeof keys)[0]]

  return {
    seal: (userId, secret) =>
      new CompactEncrypt(Buffer.from(secret))
        .setProtectedHeader({ alg: algorithm, enc: encryption, kid: first.kid, sub: userId })
        .encrypt(first.key),
    async open(userId, sealed) {
      const keyOf = ({ kid }: { kid?: string }) => {
        const found = keys.find((one) => one.kid === kid)
        if (!found) throw new Error(`The secret of ${userId} was sealed under one that FACTOR_SECRETS does not have.`)
        return found.key
      }
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, keyOf, {
        keyManagementAlgorithms: [algorithm],
        contentEncryptionAlgorithms: [encryption],
      })
      if (protectedHeader.sub !== userId) throw new Error(`The secret in the row of ${userId} is another user's.`)
      return Buffer.from(plaintext).toString()
    },
    isCurrent: (sealed) => decodeProtectedHeader(sealed).kid === first.kid,
  }
}

const rowsAtOnce = 500
const columns = ['secret', 'offered_secret'] as const

/**
 * Seals again, under the first of FACTOR_SECRETS, what was sealed under another one: then that one can be taken out. A
 * row that cannot be opened is reported and stays as it is.
 */
export async function resealSecrets({ db, log }: StartingAuth, secrets: FactorSecrets): Promise<void> {
  for (const column of columns) {
    for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
      const rows = await read(db.sql, column, after)
      for (const { userId, sealed } of rows.filter((row) => !secrets.isCurrent(row.sealed))) {
        try {
          const resealed = await secrets.seal(userId, await secrets.open(userId, sealed))
          // Unless it has been replaced or removed meanwhile.
          await db.sql`
            update authenticators set ${db.sql(column)} = ${resealed}
            where user_id = ${userId} and ${db.sql(column)} = ${sealed}`
        } catch (error) {
          log.error({ err: error, userId }, 'the secret of an authenticator cannot be decrypted')
        }
      }
      if (rows.length < rowsAtOnce) break
      after = rows.at(-1)!.userId
    }
  }
}

const read = (sql: Sql, column: (typeof columns)[number], after: string) => sql<{ userId: string; sealed: string }[]>`
  select user_id, ${sql(column)} as sealed from authenticators
  where user_id > ${after} and ${sql(column)} is not null order by user_id limit ${rowsAtOnce}`
