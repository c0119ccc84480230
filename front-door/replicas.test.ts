// Several replicas of one service: when one cannot answer, another does, unless the request may have been executed
// already.

import { createServer, type RequestListener } from 'node:http'
import { freePort } from '@aisle/dev/free-port'
import { until } from '@aisle/kit/testing/settled'
import { expect, it, onTestFinished } from 'vitest'
import { echo, frontDoor, listening } from './front-door-testing.ts'
import { watchReplicas } from './replicas.ts'

/** Accepts requests and dies on them. */
const dying: RequestListener = (request) => void request.socket.destroy()
const serve = (answer: RequestListener) => listening(createServer(answer))
const nobody = async () => `http://127.0.0.1:${await freePort()}`

it('sends a request that a replica cannot receive to the next one, with its body', async () => {
  const { url } = await frontDoor([await nobody(), await serve(echo)])
  const response = await fetch(`${url}/api/tickets`, { method: 'POST', body: '{"a":1}' })
  expect(await response.json()).toMatchObject({ method: 'POST', body: '{"a":1}' })
})

it.each([
  ['GET', {}, 200],
  ['POST', { 'idempotency-key': 'k' }, 200],
  ['POST', {}, 503],
  ['DELETE', {}, 503],
] as const)('answers a %s with %j that a replica died on with %i', async (method, headers, status) => {
  const { url } = await frontDoor([await serve(dying), await serve(echo)])
  expect((await fetch(`${url}/api/tickets`, { method, headers })).status).toBe(status)
})

it('refuses a request as unavailable when no replica is left', async () => {
  const { url } = await frontDoor([await nobody(), await serve(dying)])
  expect((await fetch(`${url}/api/tickets`)).status).toBe(503)
})

it('refuses a request as unavailable when no replica is ready', async () => {
  const { url } = await frontDoor([])
  expect((await fetch(`${url}/api/tickets`)).status).toBe(503)
})

it('lets replicas take turns, without those that are not ready or were taken out until they return', async () => {
  let status = 200
  const one = await serve((_request, response) => void response.writeHead(status).end())
  const other = await serve(echo)
  const replicas = watchReplicas([one, other])
  onTestFinished(replicas.stop)
  const first = async () => new Set([replicas.origins()[0], replicas.origins()[0]])
  expect(await first()).toEqual(new Set([one, other]))
  replicas.takeOut(other)
  expect(await first()).toEqual(new Set([one]))
  replicas.putBack(other)
  status = 503
  await until(first, (chosen) => chosen.size === 1 && chosen.has(other), 'the one that is not ready to be left out')
  status = 200
  await until(first, (chosen) => chosen.size === 2, 'it to be back')
  status = 503
  replicas.takeOut(one)
  await until(first, (chosen) => chosen.size === 1, 'the one that is taken out to be seen as not ready')
  // Started again: it gets requests before its next check.
  status = 200
  replicas.putBack(one)
  replicas.takeOut(other)
  expect(replicas.origins()).toEqual([one])
  replicas.takeOut(one)
  expect(replicas.origins()).toEqual([])
})

it('keeps a replica that is silent for a moment, and leaves out one that is silent three times in a row', async () => {
  const asked: string[][] = []
  let silentUntil = 2
  const slow = await serve((_request, response) => {
    asked.push([...replicas.origins()])
    // This answer never comes.
    if (asked.length > silentUntil) response.writeHead(200).end()
  })
  const replicas = watchReplicas([slow])
  onTestFinished(replicas.stop)
  await until(
    async () => asked.length,
    (times) => times >= 4,
    'it to be asked four times',
  )
  expect(asked.slice(0, 4)).toEqual([[slow], [slow], [slow], [slow]])
  silentUntil = Number.POSITIVE_INFINITY
  await until(
    async () => replicas.origins(),
    (origins) => origins.length === 0,
    'it to be left out',
  )
})
