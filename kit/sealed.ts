// Sealed text: only the holder of one private key can read it. It may lie in an outbox, a stream or a backup; when
// the private key is deleted, no copy can be read any more.
//
// A sealed text is a JSON Web Encryption in compact form (RFC 7516), with an ephemeral X25519 key agreement (ECDH-ES,
// RFC 8037) and AES-256-GCM. The header names what it is for, so that one kind cannot be passed off as another.

import { randomUUID } from 'node:crypto'
import type { SealingKey } from '@aisle/contracts/sealing-key'
import { CompactEncrypt, compactDecrypt, errors, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'

const algorithm = 'ECDH-ES'
const encryption = 'A256GCM'

/** A key pair: `publicKey` seals, `privateKey` opens. Both are JSON Web Keys with the same `kid`. */
export type KeyPair = { readonly publicKey: SealingKey; readonly privateKey: JWK & { readonly kid: string } }

/** Makes a new key pair. */
export async function makeKeyPair(): Promise<KeyPair> {
  const pair = await generateKeyPair(algorithm, { crv: 'X25519', extractable: true })
  const kid = randomUUID()
  const { x } = await exportJWK(pair.publicKey)
  if (x === undefined) throw new Error('The generated key has no public half.')
  return {
    publicKey: { kty: 'OKP', crv: 'X25519', x, kid },
    privateKey: { ...(await exportJWK(pair.privateKey)), kid },
  }
}

/** Seals `value`, any JSON, for the holder of the private half of `key`. `purpose` is checked when it is opened. */
export async function seal(key: SealingKey, purpose: string, value: unknown): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
    .setProtectedHeader({ alg: algorithm, enc: encryption, kid: key.kid, typ: purpose })
    .encrypt(await importJWK(key, algorithm))
}

/**
 * Opens a text that was sealed for `key` and `purpose`; null if it was not, or was changed.
 */
export async function unseal<T>(key: JWK, purpose: string, sealed: string): Promise<T | null> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, await importJWK(key, algorithm), {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [encryption],
    })
    if (protectedHeader.typ !== purpose) return null
    return JSON.parse(new TextDecoder().decode(plaintext)) as T
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}
