/**
 * The fixture of the front door's tests: a front door and a service that answers as the test wants, both closed
 * when the test ends.
 */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createLog } from '@aisle/kit/log'
import { expect, onTestFinished } from 'vitest'
import { type FrontDoor, type FrontDoorOptions, startFrontDoor } from './front-door.ts'

export const logger = createLog('test', 'silent')

/** Starts `server` at a free port until the test ends; resolves to its origin. */
export async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Around = Partial<FrontDoorOptions> & { others?: { name: string; url: string }[]; prefix?: string }

/** Starts a front door before a service that answers with `answer`, or before the upstreams with these origins. */
export async function frontDoor(
  answer: RequestListener | string | readonly string[],
  { others = [], prefix = '/api/tickets', ...options }: Around = {},
): Promise<FrontDoor> {
  const upstream = typeof answer === 'function' ? await listening(createServer(answer)) : answer
  const door = await startFrontDoor({
    port: 0,
    routes: [{ prefix, upstream: () => upstream }],
    services: [{ name: 'tickets', url: () => upstream }, ...others],
    logger,
    ...options,
  })
  onTestFinished(() => door.stop())
  return door
}

/** An upstream that returns the request that it received. */
export const echo: RequestListener = async (request, response) => {
  const { method, url, headers } = request
  const body = await text(request)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, url, headers, body }))
}

/** The problem document that the front door sends for `code`. */
export const problem = (code: string, status: number) => ({
  type: `urn:aisle:refusal:${code}`,
  title: expect.any(String),
  status,
  code,
  requestId: expect.stringMatching(/^[\w-]{8,64}$/),
  errors: [{ message: expect.any(String) }],
})
