// The private half of the key pair that every service trusts. Only auth holds it.

import { ConfigError } from '@aisle/kit/config'
import { type CryptoKey, importJWK, type JWK } from 'jose'

export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey }

/** @throws {ConfigError} if it is not a private Ed25519 key with a kid, or SESSION_PUBLIC_KEYS does not verify it */
export async function readSigningKey(privateJwk: string, publicJwks: string): Promise<SigningKey> {
  const jwk = parse<JWK>(privateJwk)
  if (jwk?.kty !== 'OKP' || jwk.crv !== 'Ed25519' || !jwk.d || !jwk.kid)
    throw new ConfigError('SESSION_PRIVATE_KEY is not the JSON Web Key of a private Ed25519 key with a kid.')
  const known = parse<{ keys?: JWK[] }>(publicJwks)?.keys ?? []
  if (!known.some(({ kid, x }) => kid === jwk.kid && x === jwk.x))
    throw new ConfigError(
      `SESSION_PUBLIC_KEYS does not have the public half of SESSION_PRIVATE_KEY (kid ${jwk.kid}); nobody would accept its sessions.`,
    )
  return { kid: jwk.kid, privateKey: (await importJWK(jwk, 'EdDSA')) as CryptoKey }
}

function parse<T>(json: string): T | null {
  try {
    return JSON.parse(json) as T
  } catch {
    return null
  }
}
