// The public half of a key that seals text for one reader (kit/sealed.ts).

import { type Static, Type } from './schema.ts'

export const SealingKey = Type.Object(
  {
    kty: Type.Literal('OKP'),
    crv: Type.Literal('X25519'),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'public key, base64url' }),
    kid: Type.String({ maxLength: 64, description: 'id of the key' }),
  },
  { description: 'JSON Web Key (RFC 8037)' },
)
export type SealingKey = Static<typeof SealingKey>
