// The secrets of authenticator apps, encrypted at rest: whoever reads the database or a backup of it cannot compute a
// code. A sealed secret is a JSON Web Encryption in compact form (RFC 7516), `dir` with AES-256-GCM, under a key that
// is derived from FACTOR_SECRETS. Its header names the key and the user, so that it is worth nothing in another row.

import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'

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
