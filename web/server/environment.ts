// The configuration of the web server, validated before anything starts.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ownProxies, proxiesMeaning, proxiesOf } from '@aisle/http/proxies'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** The settings: the default, the validation, and the explanation shown for an invalid value. */
export const keys = {
  HOST: { fallback: '127.0.0.1', isRight: (value) => value.length > 0, meaning: 'address to listen on' },
  PORT: { fallback: '0', isRight: isPort, meaning: 'port to listen on, 0 to 65535; 0 is any free one' },
  API_URL: {
    isRight: (value) => isOrigin(value.replaceAll('{service}', 'orders')),
    meaning:
      'origin of the API, such as http://localhost:3000; with {service} in it, of each service: http://{service}:8080',
  },
  PUBLIC_URL: { isRight: isOrigin, meaning: 'origin by which people reach the site, such as https://aisle.example' },
  TRUSTED_PROXIES: { fallback: ownProxies, isRight: areProxies, meaning: proxiesMeaning },
  PAYMENT_ORIGINS: {
    fallback: 'https://checkout.stripe.com',
    isRight: (value) => listed(value).every(isOrigin),
    meaning: "origins of the payment provider's pages, with commas between them",
  },
  SECURITY_CONTACT: {
    fallback: '',
    isRight: (value) => /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(value),
    meaning: 'whom to tell of a hole, for /.well-known/security.txt, such as mailto:security@aisle.example',
  },
  SITE_PAGES_DIR: {
    fallback: '',
    // readSitePages says what is wrong with it.
    isRight: () => true,
    meaning: 'folder whose files replace our pages about the site, one by one: help.en.md, privacy.de.md and so on',
  },
  SITE_OPERATOR: { fallback: '', isRight: () => true, meaning: 'who runs the site, as its imprint and terms say' },
  SITE_ADDRESS: { fallback: '', isRight: () => true, meaning: 'postal address of who runs the site' },
  SITE_EMAIL: {
    fallback: '',
    isRight: (value) => /^[^\s@]+@[^\s@]+$/.test(value),
    meaning: 'address for people who write to the site, such as help@aisle.example',
  },
  BUILD_DIRECTORY: {
    fallback: '',
    isRight: (value) => existsSync(join(value, 'server/index.js')),
    meaning: 'what `npm run build -w web` has made; without it a build is made, or taken from the cache',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    fallback: 'off',
    isRight: (value) => /^(off|https?:\/\/.+)$/.test(value),
    meaning: 'where a collector takes traces as OTLP over HTTP, such as http://localhost:4318, or off',
  },
  OTEL_TRACES_SAMPLER_ARG: {
    fallback: '1',
    isRight: (value) => Number(value) >= 0 && Number(value) <= 1,
    meaning: 'the share of traces that are sent, 0 to 1',
  },
  LOG_LEVEL: { fallback: 'info', isRight: (value) => levels.includes(value), meaning: levels.join(', ') },
} satisfies Record<string, { fallback?: string; isRight: (value: string) => boolean; meaning: string }>

/** The message is meant for the person who starts the program. */
export class EnvironmentError extends Error {}

export type Key = keyof typeof keys

function areProxies(value: string): boolean {
  try {
    proxiesOf(value)
    return true
  } catch {
    return false
  }
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535
}

function isOrigin(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).href === `${new URL(value).origin}/`
}

export function listed(value: string): string[] {
  return value.split(',').map((one) => one.trim())
}

/**
 * The values of all keys, from an environment.
 * @throws {EnvironmentError} naming every invalid key, and what it is for
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): Record<Key, string> {
  const values = {} as Record<Key, string>
  const faults: string[] = []
  for (const [key, { isRight, meaning, ...rest }] of Object.entries(keys)) {
    // An empty value counts as unset, as in an environment file that lists every key.
    const value = environment[key] || ('fallback' in rest ? rest.fallback : undefined)
    if (value === undefined) faults.push(`  ${key} is required (${meaning})`)
    else if (value !== '' && !isRight(value)) faults.push(`  ${key} is not valid (${meaning})`)
    else values[key as Key] = value
  }
  if (faults.length > 0) throw new EnvironmentError(`The configuration is not valid:\n${faults.join('\n')}`)
  return values
}
