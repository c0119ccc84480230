// An offline stand-in for Stripe: its HTTP API on a local port, its state in one file. See README.md.

import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { type ApiResponse, createAnswerer } from './api/answer-request.ts'
import { endpoints } from './api/endpoints.ts'
import { FormError } from './api/form.ts'
import { addControlPlane } from './control/control-plane.ts'
import { Faults } from './control/faults.ts'
import { keepTime } from './keep-time.ts'
import type { Machine } from './machine.ts'
import { messagePage, sendPage } from './pages/page.ts'
import { addPayPage } from './pages/pay-page.ts'
import { addStatusPage } from './pages/status-page.ts'
import { addThreeDSecurePage } from './pages/three-d-secure-page.ts'
import { Clock } from './store/clock.ts'
import { Store } from './store/store.ts'
import { type WebhookEndpoint, Webhooks } from './webhooks/deliver-webhooks.ts'

export type { WebhookEndpoint } from './webhooks/deliver-webhooks.ts'

/** The options of a sandbox. */
export interface SandboxOptions {
  /** TCP port; 0 takes any free one. */
  port: number
  /** Address to listen on. Default 127.0.0.1. The control plane requires no key, so keep it there. */
  host?: string
  /** Directory for the state, created if missing; ':memory:' stores nothing. */
  dataDir: string
  /** Logs requests and failures. Default: no logging. */
  logger?: FastifyBaseLogger
  /** Real time, from which the sandbox's own clock starts. Default: the machine's. */
  now?: () => Date
  /** The base URL for browsers, if it is not the address the sandbox listens on: the start of every page's URL. */
  publicUrl?: string
  /** Where events are sent, as for `deliverTo`. Default: nowhere. */
  webhook?: WebhookEndpoint
}

/** A running sandbox. */
export interface Sandbox {
  /** Such as http://127.0.0.1:12111. */
  url: string
  port: number
  /** Sends events here from now on, until it stops, replacing the previous destination. */
  deliverTo(endpoint: WebhookEndpoint): void
  /** Answers pending requests, then closes port and file; a second call waits for the first. */
  stop(): Promise<void>
}

/** Starts a sandbox; resolves once it answers requests. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { port, host = '127.0.0.1', dataDir, logger, now = () => new Date(), publicUrl, webhook } = options
  const store = new Store(dataDir)
  const stopping = new AbortController()
  let url = ''
  const clock = new Clock(store, now)
  const failed = (error: unknown) => logger?.error({ err: error }, 'a background task of the sandbox failed')
  const machine: Machine = {
    store,
    clock,
    faults: new Faults(),
    webhooks: new Webhooks(store, clock, stopping.signal, failed),
    publicUrl: () => publicUrl?.replace(/\/+$/, '') ?? url,
    stopping: stopping.signal,
  }
  const app = createServer(machine, logger)
  try {
    if (webhook) machine.webhooks.register(webhook)
    await app.listen({ port, host })
  } catch (error) {
    store.close()
    throw error
  }
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new Error(`The sandbox listens at ${address}, not at a port.`)
  url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`

  const stopClock = keepTime(machine, failed)

  let stopped: Promise<void> | undefined
  const stop = async () => {
    stopping.abort()
    stopClock()
    await app.close()
    await machine.webhooks.ended()
    store.close()
  }
  return {
    url,
    port: address.port,
    deliverTo: (endpoint) => machine.webhooks.register(endpoint),
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

function createServer(machine: Machine, logger: FastifyBaseLogger | undefined) {
  const app = Fastify(logger ? { loggerInstance: logger } : {})
  const answerRequest = createAnswerer(machine)

  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })

  // A keep-alive connection would keep the server from closing until it times out.
  app.addHook('onSend', async (_request, reply) => {
    if (machine.stopping.aborted) reply.header('connection', 'close')
  })

  for (const endpoint of endpoints) {
    app.route<{ Params: { id?: string }; Body: unknown }>({
      method: endpoint.method,
      url: endpoint.path,
      async handler(request, reply) {
        const { headers, body, raw } = request
        const [path = '', query = ''] = splitOnce(request.url, '?')
        if (endpoint.method === 'POST' && body !== undefined && body !== null && typeof body !== 'string') {
          reply.code(400)
          return stripeError('Send the parameters as application/x-www-form-urlencoded, not as JSON.')
        }
        const response: ApiResponse = await answerRequest(endpoint, {
          method: endpoint.method,
          path,
          id: request.params.id ?? '',
          form: endpoint.method === 'GET' ? query : ((body as string | null | undefined) ?? ''),
          authorization: headers.authorization,
          idempotencyKey: single(headers['idempotency-key']),
          stripeVersion: single(headers['stripe-version']),
        })
        if (response.kind === 'drop') {
          reply.hijack()
          raw.socket.destroy()
          return reply
        }
        return reply.code(response.status).headers(response.headers).send(response.body)
      },
    })
  }
  addControlPlane(app, machine)
  app.register(async (pages) => addPages(pages, machine))

  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(stripeError(`Unrecognized request URL (${request.method}: ${request.url}).`)),
  )
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status < 500 && error instanceof Error) return reply.code(status).send(stripeError(error.message))
    request.log.error({ err: error }, 'request failed')
    return reply.code(500).send({ error: { type: 'api_error', message: 'The sandbox failed; its log says why.' } })
  })
  return app
}

// Errors in a browser's request are shown on a page, too.
function addPages(pages: FastifyInstance, machine: Machine): void {
  addPayPage(pages, machine)
  addThreeDSecurePage(pages, machine)
  addStatusPage(pages, machine)
  pages.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (error instanceof FormError || status < 500) {
      const text = error instanceof Error ? error.message : ''
      return sendPage(reply, status < 500 ? status : 400, messagePage('Not understood', text))
    }
    request.log.error({ err: error }, 'page failed')
    return sendPage(reply, 500, messagePage('The sandbox failed', 'Its log says why. You have not been charged.'))
  })
}

function stripeError(message: string) {
  return { error: { type: 'invalid_request_error', message } }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
