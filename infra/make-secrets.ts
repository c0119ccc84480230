// Creates the secrets of one installation, each once: node infra/make-secrets.ts
//
//   --out infra/.data                                 the output folder, ignored by git; existing secrets never change
//   --postgres postgres:5432                          where the services find PostgreSQL
//   --nats nats-1:4222,nats-2:4222,nats-3:4222        where they find NATS
//   --stripe-key sk_... --stripe-webhook whsec_...    the provider's; without them, the sandbox's
//   --mail-url smtps://... --mail-from "Tickets <...>"  the server that sends mails, and their sender; without them,
//                                                     the development mailbox
//   --mail-return bounces@mail.example --mail-webhook whsec_...
//                                                     where mails come back to, and the webhook's secret
//   --admin-email you@tickets.example                the first admin's address; the password is made
//   --ca authority.pem                                the authority that signed the certificates of PostgreSQL and
//                                                     NATS; without it, one is created
//
// <service>.env contains what only that service gets, as `KEY=value` for compose, Kustomize and kubectl; ca.crt, which
// is not secret, is the authority that all of them trust. The rest is for the servers: databases.sql,
// postgres-password, postgres.crt and .key, nats.crt and .key, nats-clients.conf, nats-cluster.conf. ca.key is needed
// to renew certificates.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { services } from '@aisle/contracts/endpoint'
import { brokerUsers } from '@aisle/kit/bus/nats-rights'
import { makeAuthority, makeCertificate } from './certificates.ts'
import { busUsers } from './nats/users.ts'
import { databasesSql } from './postgres/databases-sql.ts'

export type Installation = {
  /** host:port */
  postgres: string
  nats: readonly string[]
  stripeKey?: string
  stripeWebhook?: string
  mailUrl?: string
  mailFrom?: string
  mailReturn?: string
  mailWebhook?: string
  /** The first admin's address. */
  adminEmail?: string
  /** PEM of the authority that signed the servers' certificates; without it the certificates are created, too. */
  ca?: string
}

/** Where the programs find the authority's certificate: compose.yaml and infra/k8s/service put it there. */
export const caFile = '/etc/aisle/ca.crt'

/** Begins with a letter: NATS would read a password of digits as a number. */
const password = () => `p${randomBytes(24).toString('hex')}`

/** The files by name, with new secrets in them. */
export function makeSecrets(installation: Installation): Record<string, string> {
  const {
    postgres,
    nats,
    stripeKey = 'sk_test_sandbox',
    stripeWebhook,
    mailUrl,
    mailFrom,
    mailReturn,
    mailWebhook,
    adminEmail = 'admin@aisle.test',
    ca,
  } = installation
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const names = { kid: randomBytes(8).toString('hex'), alg: 'EdDSA', use: 'sig' }
  const passwords = Object.fromEntries(
    services.flatMap((name) => [name, `${name}_reader`]).map((role) => [role, password()]),
  )
  const busPasswords: Record<string, string> = Object.fromEntries(services.map((name) => [name, password()]))
  const clusterPassword = password()
  const tls = `?sslmode=verify-full&sslrootcert=${caFile}`

  const common = (service: string) => ({
    DATABASE_URL: `postgres://${service}:${passwords[service]}@${postgres}/${service}${tls}`,
    BUS_URL: nats.map((host) => `tls://${service}:${busPasswords[service]}@${host}`).join(','),
    SESSION_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...names }] }),
    FINGERPRINT_SECRET: randomBytes(32).toString('base64url'),
  })
  const webhook = stripeWebhook ?? `whsec_${randomBytes(24).toString('hex')}`
  const own: Record<string, Record<string, string>> = {
    auth: {
      SESSION_PRIVATE_KEY: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...names }),
      FACTOR_SECRETS: randomBytes(32).toString('base64url'),
      ADMIN_EMAIL: adminEmail,
      ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
    },
    payments: {
      STRIPE_SECRET_KEY: stripeKey,
      STRIPE_WEBHOOK_SECRETS: webhook,
    },
    notices: {
      MAIL_SECRET: randomBytes(32).toString('base64url'),
      ...(mailUrl === undefined ? {} : { MAIL_URL: mailUrl }),
      ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom }),
      ...(mailReturn === undefined ? {} : { MAIL_RETURN: mailReturn }),
      ...(mailWebhook === undefined ? {} : { MAIL_WEBHOOK_SECRETS: mailWebhook }),
    },
  }
  const routes = nats.map((host) => `"nats://cluster:${clusterPassword}@${nameOf(host)}:6222"`)
  return {
    ...Object.fromEntries(services.map((name) => [`${name}.env`, lines({ ...common(name), ...own[name] })])),
    // The provider's counterpart: it signs what payments verifies.
    'stripe-sandbox.env': lines({ STRIPE_WEBHOOK_SECRETS: webhook }),
    'databases.sql': databasesSql(services, (role) => passwords[role]!),
    'postgres-password': password(),
    'nats-clients.conf': brokerUsers(busUsers((service) => busPasswords[service]!)),
    'nats-cluster.conf': `authorization { user: cluster, password: ${clusterPassword} }\nroutes: [${routes.join(', ')}]\n`,
    ...certificates(postgres, nats, ca),
  }
}

function certificates(postgres: string, nats: readonly string[], ca?: string): Record<string, string> {
  if (ca) return { 'ca.crt': ca }
  const authority = makeAuthority('Aisle')
  const [ofPostgres, ofNats] = [
    makeCertificate(authority, [nameOf(postgres)]),
    makeCertificate(authority, nats.map(nameOf)),
  ]
  return {
    'ca.crt': authority.certificate,
    'ca.key': authority.key,
    'postgres.crt': ofPostgres.certificate,
    'postgres.key': ofPostgres.key,
    'nats.crt': ofNats.certificate,
    'nats.key': ofNats.key,
  }
}

const nameOf = (host: string) => host.replace(/:\d+$/, '')

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
      'mail-url': { type: 'string' },
      'mail-from': { type: 'string' },
      'mail-return': { type: 'string' },
      'mail-webhook': { type: 'string' },
      'admin-email': { type: 'string' },
      ca: { type: 'string' },
    },
  })
  const out = resolve(values.out)
  // All of them belong together: a database password is in two files.
  if (existsSync(join(out, 'databases.sql'))) {
    console.error(`There are secrets in ${out}, and servers that know them; remove the folder to make others.`)
    process.exit(1)
  }
  const { 'stripe-key': stripeKey, 'stripe-webhook': stripeWebhook, 'admin-email': adminEmail } = values
  if (adminEmail !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(adminEmail)) {
    console.error(`--admin-email ${adminEmail} is not an email address.`)
    process.exit(1)
  }
  const files = makeSecrets({
    postgres: values.postgres,
    nats: values.nats.split(','),
    ...(stripeKey ? { stripeKey } : {}),
    ...(stripeWebhook ? { stripeWebhook } : {}),
    ...(values['mail-url'] ? { mailUrl: values['mail-url'] } : {}),
    ...(values['mail-from'] ? { mailFrom: values['mail-from'] } : {}),
    ...(values['mail-return'] ? { mailReturn: values['mail-return'] } : {}),
    ...(values['mail-webhook'] ? { mailWebhook: values['mail-webhook'] } : {}),
    ...(adminEmail ? { adminEmail } : {}),
    ...(values.ca ? { ca: readFileSync(values.ca, 'utf8') } : {}),
  })
  mkdirSync(out, { recursive: true, mode: 0o700 })
  // Containers that run as their own user get copies: the service `secrets` of compose.yaml. They read the one
  // file that is not secret directly.
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(out, name), text, { mode: name === 'ca.crt' ? 0o644 : 0o600 })
  console.log(
    `${Object.keys(files).length} files in ${out}. The first admin is ${adminEmail ?? 'admin@aisle.test'}; the password is in auth.env.`,
  )
}
