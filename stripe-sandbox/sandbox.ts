// A stand-in for Stripe that runs offline: its HTTP API on a local port, its state in one file. See README.md.

import Fastify, { type FastifyBaseLogger } from 'fastify'
import { type ApiResponse, createAnswerer, type Machine } from './answer-request.ts'
import { Clock } from './clock.ts'
import { addControlPlane } from './control-plane.ts'
import { endpoints } from './endpoints.ts'
import { Faults } from './faults.ts'
import { addStatusPage } from './status-page.ts'
import { Store } from './store.ts'

/** How a sandbox is started. */
export interface SandboxOptions {
  /** TCP port; 0 takes any free one. */
  port: number
  /** Address to listen on. Default 127.0.0.1: the control plane asks for no key, so keep it there. */
  host?: string
  /** Directory for the state, made if it is missing; ':memory:' keeps nothing. */
  dataDir: string
  /** Where requests and failures are logged. Default: nowhere. */
  logger?: FastifyBaseLogger
  /** Real time, which the sandbox's own clock starts from. Default: the machine's. */
  now?: () => Date
}

/** A running sandbox. */
export interface Sandbox {
  /** Such as http://127.0.0.1:12111. */
  url: string
  port: number
  /** Answers what has come in, then closes port and file; a second call waits for the first. */
  stop(): Promise<void>
}

/** Starts a sandbox; resolves when it answers. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { port, host = '127.0.0.1', dataDir, logger, now = () => new Date() } = options
  const store = new Store(dataDir)
  const stopping = new AbortController()
  let url = ''
  const machine: Machine = {
    store,
    clock: new Clock(store, now),
    faults: new Faults(),
    publicUrl: () => url,
    stopping: stopping.signal,
  }
  const app = createServer(machine, logger)
  try {
    await app.listen({ port, host })
  } catch (error) {
    store.close()
    throw error
  }
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new Error(`The sandbox listens at ${address}, not at a port.`)
  url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`

  let stopped: Promise<void> | undefined
  const stop = async () => {
    stopping.abort()
    await app.close()
    store.close()
  }
  return {
    url,
    port: address.port,
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

  // A connection that is kept alive after its answer would keep the server from closing until it times out.
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
  addStatusPage(app, machine)

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
