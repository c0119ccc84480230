// The program of the web server: `node web/server/main.ts`, which reads its environment and runs until a signal.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ServiceName } from '@aisle/contracts/endpoint'
import Fastify from 'fastify'
import { startWeb } from './start-web.ts'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
/** An orchestrator gives a process 30 s; the server itself cuts off what is left after 5. */
const stopWithinMs = 25_000

/** What can be set: what it is when it is not, which value is right, and a sentence for whoever set another. */
const keys = {
  HOST: { fallback: '127.0.0.1', isRight: (value) => value.length > 0, meaning: 'address to listen on' },
  PORT: { fallback: '0', isRight: isPort, meaning: 'port to listen on, 0 to 65535; 0 is any free one' },
  API_URL: {
    isRight: (value) => isOrigin(value.replaceAll('{service}', 'orders')),
    meaning:
      'origin of the API, such as http://localhost:3000; with {service} in it, of each service: http://{service}:8080',
  },
  PUBLIC_URL: { isRight: isOrigin, meaning: 'origin by which people reach the site, such as https://aisle.example' },
  PAYMENT_ORIGINS: {
    fallback: 'https://checkout.stripe.com',
    isRight: (value) => listed(value).every(isOrigin),
    meaning: "origins of the payment provider's pages, with commas between them",
  },
  BUILD_DIRECTORY: {
    fallback: '',
    isRight: (value) => existsSync(join(value, 'server/index.js')),
    meaning: 'what `npm run build -w web` has made; without it a build is made, or taken from the cache',
  },
  LOG_LEVEL: { fallback: 'info', isRight: (value) => levels.includes(value), meaning: levels.join(', ') },
} satisfies Record<string, { fallback?: string; isRight: (value: string) => boolean; meaning: string }>

type Key = keyof typeof keys

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535
}

function isOrigin(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).href === `${new URL(value).origin}/`
}

function listed(value: string): string[] {
  return value.split(',').map((one) => one.trim())
}

/** The environment, checked; or the sentences about all that is wrong with it. */
function readEnvironment(): Record<Key, string> | string {
  const values = {} as Record<Key, string>
  const faults: string[] = []
  for (const [key, { isRight, meaning, ...rest }] of Object.entries(keys)) {
    // An empty value is none, as in an environment file that lists every key.
    const value = process.env[key] || ('fallback' in rest ? rest.fallback : undefined)
    if (value === undefined) faults.push(`  ${key} is required (${meaning})`)
    else if (value !== '' && !isRight(value)) faults.push(`  ${key} is not valid (${meaning})`)
    else values[key as Key] = value
  }
  return faults.length === 0 ? values : `The configuration is not valid:\n${faults.join('\n')}`
}

async function main(): Promise<void> {
  const values = readEnvironment()
  if (typeof values === 'string') throw values
  const { log } = Fastify({ logger: { level: values.LOG_LEVEL, base: { service: 'web' } } })
  const web = await startWeb({
    host: values.HOST,
    port: Number(values.PORT),
    apiUrl: (service: ServiceName) => values.API_URL.replaceAll('{service}', service),
    publicUrl: values.PUBLIC_URL,
    paymentOrigins: listed(values.PAYMENT_ORIGINS),
    logger: log,
    ...(values.BUILD_DIRECTORY ? { buildDirectory: resolve(values.BUILD_DIRECTORY) } : {}),
  })
  log.info({ url: web.url }, 'ready')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const deadline = setTimeout(() => process.exit(1), stopWithinMs)
      web.stop().then(() => clearTimeout(deadline))
    })
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
