// Makes the secrets of one installation, each once: node infra/make-secrets.ts
//
//   --out infra/.data                               where; a folder that git ignores. What is there already is never changed
//   --postgres postgres:5432                          where the services find PostgreSQL
//   --nats nats-1:4222,nats-2:4222,nats-3:4222        where they find NATS
//   --stripe-key sk_... --stripe-webhook whsec_...    of the provider; without them, the sandbox's
//
// <service>.env holds what only that service is given, as `KEY=value` for compose, Kustomize and kubectl. The rest is for the servers themselves:
// databases.sql, postgres-password, nats-clients.conf, nats-cluster.conf.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { services } from '@aisle/contracts/endpoint'
import { databasesSql } from './postgres/databases-sql.ts'

export type Installation = { postgres: string; nats: readonly string[]; stripeKey?: string; stripeWebhook?: string }

/** Begins with a letter: NATS would read a password of digits as a number. */
const password = () => `p${randomBytes(24).toString('hex')}`

/** The files by name, with new secrets in them. */
export function makeSecrets(installation: Installation): Record<string, string> {
  const { postgres, nats, stripeKey = 'sk_test_sandbox', stripeWebhook } = installation
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const names = { kid: randomBytes(8).toString('hex'), alg: 'EdDSA', use: 'sig' }
  const passwords = Object.fromEntries(
    services.flatMap((name) => [name, `${name}_reader`]).map((role) => [role, password()]),
  )
  const [busPassword, clusterPassword] = [password(), password()]

  const common = (service: string) => ({
    DATABASE_URL: `postgres://${service}:${passwords[service]}@${postgres}/${service}`,
    BUS_URL: nats.map((host) => `nats://aisle:${busPassword}@${host}`).join(','),
    SESSION_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...names }] }),
    FINGERPRINT_SECRET: randomBytes(32).toString('base64url'),
  })
  const own: Record<string, Record<string, string>> = {
    auth: {
      SESSION_PRIVATE_KEY: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...names }),
      ADMIN_EMAIL: 'admin@aisle.test',
      ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
    },
    payments: {
      STRIPE_SECRET_KEY: stripeKey,
      STRIPE_WEBHOOK_SECRETS: stripeWebhook ?? `whsec_${randomBytes(24).toString('hex')}`,
    },
  }
  const routes = nats.map((host) => `"nats://cluster:${clusterPassword}@${host.replace(/:\d+$/, '')}:6222"`)
  return {
    ...Object.fromEntries(services.map((name) => [`${name}.env`, lines({ ...common(name), ...own[name] })])),
    'databases.sql': databasesSql(services, (role) => passwords[role]!),
    'postgres-password': password(),
    'nats-clients.conf': `user: aisle\npassword: ${busPassword}\n`,
    'nats-cluster.conf': `authorization { user: cluster, password: ${clusterPassword} }\nroutes: [${routes.join(', ')}]\n`,
  }
}

const lines = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'infra/.data' },
      postgres: { type: 'string', default: 'postgres:5432' },
      nats: { type: 'string', default: 'nats-1:4222,nats-2:4222,nats-3:4222' },
      'stripe-key': { type: 'string' },
      'stripe-webhook': { type: 'string' },
    },
  })
  const out = resolve(values.out)
  // All of them belong together: a database password is in two files.
  if (existsSync(join(out, 'databases.sql'))) {
    console.error(`There are secrets in ${out}, and servers that know them; remove the folder to make others.`)
    process.exit(1)
  }
  const { 'stripe-key': stripeKey, 'stripe-webhook': stripeWebhook } = values
  const files = makeSecrets({
    postgres: values.postgres,
    nats: values.nats.split(','),
    ...(stripeKey ? { stripeKey } : {}),
    ...(stripeWebhook ? { stripeWebhook } : {}),
  })
  mkdirSync(out, { recursive: true, mode: 0o700 })
  // Containers read them as users of their own; the folder is what keeps others out.
  for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text, { mode: 0o644 })
  console.log(`${Object.keys(files).length} files in ${out}. The first admin's password is in auth.env.`)
}
