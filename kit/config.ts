// Configuration: one declaration per key, checked before anything starts. The only file that reads the environment.

import { ownProxies, proxiesMeaning, proxiesOf } from '@aisle/http/proxies'
import { type Static, type TSchema, Type } from 'typebox'
import { checker } from './check.ts'

/** The keys of a configuration: each schema carries the default and a description with the unit. */
export type ConfigSchema = Record<string, TSchema>
export type Config<S extends ConfigSchema> = { readonly [K in keyof S]: Static<S[K]> }

/** Reports all bad keys at once, one per line; the message is meant for the person who starts the service. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** How messages are transported. */
export const busConfig = {
  BUS_URL: Type.String({
    default: 'postgres:',
    pattern: '^(postgres:|(nats|tls)://[^,/]+(,(nats|tls)://[^,/]+)*)$',
    description:
      'postgres reads the other services’ outboxes; nats://user:password@host:port (comma-separated) uses a broker',
  }),
  BUS_CA_FILE: Type.String({
    default: '',
    description:
      'with tls: in BUS_URL, the PEM file of the authority that signs the certificate; by default those that Node trusts',
  }),
  BUS_NAMESPACE: Type.String({
    default: 'aisle',
    pattern: '^[a-z][a-z0-9-]{0,30}$',
    description: 'with a broker: first word of its subjects and streams',
  }),
  BUS_REPLICAS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 5,
    description: 'with a broker: number of servers that store each stream',
  }),
  BUS_STREAM_MAX_BYTES: Type.Integer({
    default: 1024 ** 3,
    minimum: 1024 ** 2,
    description: 'with a broker: maximum bytes of a service’s stream; beyond that it drops its oldest messages',
  }),
  BUS_STREAM_MAX_AGE_HOURS: Type.Integer({
    default: 6,
    minimum: 1,
    maximum: 168,
    description: 'with a broker: hours that a stream keeps messages; the outbox keeps them longer',
  }),
}

/** Where traces are sent, under the names that OpenTelemetry uses. */
export const tracingConfig = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.String({
    default: 'off',
    pattern: '^(off|https?://.+)$',
    description: 'where a collector takes traces as OTLP over HTTP, such as http://localhost:4318, or off',
  }),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'the share of traces that are sent',
  }),
}

/** Whether messages go over a broker, so that no service reads the outbox of another. */
export const usesBroker = (busUrl: string): boolean => !busUrl.startsWith('postgres:')

/** The keys that every service has. `publishers` are the services whose outboxes it reads. */
export function baseConfig(publishers: readonly string[]) {
  const outboxes: ConfigSchema = Object.fromEntries(
    publishers.map((publisher) => [
      `OUTBOX_URL_${publisher.toUpperCase()}`,
      Type.String({
        pattern: '^postgres(ql)?://',
        description: `where the outbox of ${publisher} is read, as its read-only role`,
      }),
    ]),
  )
  return {
    HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
    PORT: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 65535,
      description: 'port to listen on; 0 takes a free one',
    }),
    ENVIRONMENT: Type.Enum(['development', 'demo', 'production'], {
      default: 'development',
      description:
        'production takes real money and refuses test keys; demo is open to people and takes only play money; development is for one machine',
    }),
    PUBLIC_URL: Type.String({
      default: 'http://localhost:3000',
      pattern: '^https?://',
      description: 'the address that people type; with https, cookies become Secure',
    }),
    DATABASE_URL: Type.String({
      pattern: '^postgres(ql)?://',
      description: 'the database of this service, as its own role',
    }),
    DATABASE_POOL: Type.Integer({
      default: 12,
      minimum: 2,
      maximum: 200,
      description: 'maximum connections for transactions, and as many again for single statements',
    }),
    SESSION_PUBLIC_KEYS: Type.String({
      description: 'JSON Web Key Set of the Ed25519 public keys that verify sessions',
    }),
    FINGERPRINT_SECRET: Type.String({
      minLength: 32,
      description: 'key of the HMAC that fingerprints request bodies for their Idempotency-Key',
    }),
    ADMIN_SECOND_FACTOR: Type.Enum(['required', 'off'], {
      default: 'required',
      description: 'whether admins must sign in with a second factor; off is for one machine, where nothing is real',
    }),
    TRUSTED_PROXIES: Type.String({ default: ownProxies, description: proxiesMeaning }),
    RATE_LIMIT: Type.String({
      default: '1200',
      pattern: '^(off|[1-9][0-9]*)$',
      description: 'requests per minute from one client address, or off',
    }),
    STREAMS_MAX: Type.Integer({
      default: 5_000,
      minimum: 1,
      maximum: 100_000,
      description: 'open streams that this process accepts at a time; each holds a connection and some 60 kB',
    }),
    LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      description: 'lowest severity that is logged',
    }),
    ...busConfig,
    ...tracingConfig,
    ...outboxes,
  }
}
export type BaseConfig = Config<Omit<ReturnType<typeof baseConfig>, `OUTBOX_URL_${string}`>> &
  Record<`OUTBOX_URL_${string}`, string>

/**
 * Checks `values` (strings or already typed) against `schema` and fills in defaults. Keys that the schema does not
 * know are ignored: the environment is full of them.
 * @throws {ConfigError} naming every bad key and its purpose
 */
export function readConfig<S extends ConfigSchema>(schema: S, values: Record<string, unknown>): Config<S> {
  const known: Record<string, unknown> = {}
  for (const key of Object.keys(schema)) if (values[key] !== undefined && values[key] !== '') known[key] = values[key]
  const checked = checker(Type.Object(schema), { fromText: true })(known)
  if (checked.ok) return checked.value as Config<S>
  const lines = checked.faults.map(({ field = '', message }) => {
    const description = (schema[field] as { description?: string } | undefined)?.description ?? ''
    return `  ${field} ${message} (${description})`
  })
  throw new ConfigError(`The configuration is not valid:\n${lines.join('\n')}`)
}

const isThisMachine = ({ hostname }: URL) =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname)

/**
 * Refuses a public https URL in development, which has no guard against a test key in place of a real one, and
 * invalid proxies.
 * @throws {ConfigError} with the setting to change
 */
export function checkEnvironment({
  ENVIRONMENT,
  PUBLIC_URL,
  TRUSTED_PROXIES,
}: Pick<BaseConfig, 'ENVIRONMENT' | 'PUBLIC_URL' | 'TRUSTED_PROXIES'>): void {
  try {
    proxiesOf(TRUSTED_PROXIES)
  } catch (error) {
    throw new ConfigError((error as Error).message)
  }
  const url = new URL(PUBLIC_URL)
  if (ENVIRONMENT === 'development' && url.protocol === 'https:' && !isThisMachine(url))
    throw new ConfigError(
      `PUBLIC_URL is ${PUBLIC_URL}, which others can reach, and ENVIRONMENT is development. Set ENVIRONMENT=production, or ENVIRONMENT=demo for a site where no real money moves.`,
    )
}

/** The environment of the process, for `readConfig`. */
export const environment = (): Record<string, unknown> => ({ ...process.env })
