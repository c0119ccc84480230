// What the features of auth receive: its configuration and the parts it builds at start.

import type { Service } from '@aisle/kit/boot/service'
import { Type } from 'typebox'
import type { FactorSecrets } from './factor-secrets.ts'
import type { KnownDevices } from './known-devices.ts'
import type { Passwords } from './passwords.ts'
import type { SigningKey } from './signing-key.ts'
import type { IsWeak } from './weak-passwords.ts'

export const config = {
  SESSION_PRIVATE_KEY: Type.String({
    description: 'JSON Web Key (Ed25519, with kid) that signs sessions; its public half is in SESSION_PUBLIC_KEYS',
  }),
  FACTOR_SECRETS: Type.String({
    pattern: '^[^,]{32,}(,[^,]{32,})*$',
    description:
      'encrypts the secrets of authenticator apps in the database: 32 characters or more; two, separated by a comma, during a rotation: the first one encrypts',
  }),
  ADMIN_EMAIL: Type.Optional(
    Type.String({
      pattern: '^[^\\s@]+@[^\\s@]+$',
      description: 'the admin account that is created at start unless it exists; requires ADMIN_PASSWORD',
    }),
  ),
  ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: 8,
      maxLength: 128,
      description:
        'its first password, in production not an easy one to guess; the admin may change it later, and this key does not reset it',
    }),
  ),
  SIGN_UPS_PER_HOUR: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 1_000_000,
    description: 'accounts per hour from one client address; unlimited with RATE_LIMIT=off',
  }),
}

export type Parts = {
  readonly passwords: Passwords
  readonly isWeak: IsWeak
  readonly knownDevices: KnownDevices
  readonly signingKey: SigningKey
  readonly factorSecrets: FactorSecrets
}
export type AuthService = Service<typeof config, Parts>
/** The service while its parts are still being built. */
export type StartingAuth = Omit<Service<typeof config, never>, 'parts'>
