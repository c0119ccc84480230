// The program of the web server: `node web/server/main.ts`. It reads its environment and runs until a signal.

import { resolve } from 'node:path'
import type { ServiceName } from '@aisle/contracts/endpoint'
import { openTracer } from '@aisle/tracing/tracer'
import Fastify from 'fastify'
import { EnvironmentError, type Key, listed, readEnvironment } from './environment.ts'
import { startWeb } from './start-web.ts'

/** An orchestrator gives a process 30 s; the server itself cuts off what is left after 5. */
const stopWithinMs = 25_000

async function main(): Promise<void> {
  const values = readEnvironment(process.env)
  const { log } = Fastify({ logger: { level: values.LOG_LEVEL, base: { service: 'web' } } })
  if (!values.SITE_OPERATOR && new URL(values.PUBLIC_URL).hostname !== 'localhost')
    log.warn('SITE_OPERATOR is not set, so the imprint, terms and privacy pages say that this is a demonstration')
  const tracer = await openTracer({
    service: 'web',
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    ratio: Number(values.OTEL_TRACES_SAMPLER_ARG),
    lost: (error) => log.warn({ err: error }, 'could not send traces'),
  })
  const web = await startWeb({
    host: values.HOST,
    port: Number(values.PORT),
    apiUrl: (service: ServiceName) => values.API_URL.replaceAll('{service}', service),
    publicUrl: values.PUBLIC_URL,
    trustedProxies: values.TRUSTED_PROXIES,
    ...(values.SECURITY_CONTACT ? { securityContact: values.SECURITY_CONTACT } : {}),
    paymentOrigins: listed(values.PAYMENT_ORIGINS),
    ...(values.SITE_PAGES_DIR ? { sitePagesDirectory: resolve(values.SITE_PAGES_DIR) } : {}),
    operator: operatorOf(values),
    logger: log,
    tracer,
    ...(values.BUILD_DIRECTORY ? { buildDirectory: resolve(values.BUILD_DIRECTORY) } : {}),
  })
  log.info({ url: web.url, trustedProxies: values.TRUSTED_PROXIES }, 'ready')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const deadline = setTimeout(() => process.exit(1), stopWithinMs)
      web
        .stop()
        .then(() => tracer.close())
        .then(() => clearTimeout(deadline))
    })
  }
}

/** What is not set stays as it is for a demonstration. */
const operatorOf = ({ SITE_OPERATOR, SITE_ADDRESS, SITE_EMAIL }: Record<Key, string>) => ({
  ...(SITE_OPERATOR ? { operator: SITE_OPERATOR } : {}),
  ...(SITE_ADDRESS ? { address: SITE_ADDRESS } : {}),
  ...(SITE_EMAIL ? { email: SITE_EMAIL } : {}),
})

main().catch((error: unknown) => {
  console.error(error instanceof EnvironmentError ? error.message : error)
  process.exitCode = 1
})
