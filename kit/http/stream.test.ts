import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createStreams, type Shown, type Streams } from './stream.ts'

const heartbeatMs = 15_000
const shown: Shown = { subject: 'one', version: 1, event: 'thing', data: { name: 'One' } }

let streams: Streams
/** Resolves when a page has asked; the test decides when its state arrives. */
let asked: PromiseWithResolvers<void>
let state: PromiseWithResolvers<readonly Shown[]>
let isAllowed = true
const server = createServer((_request, response) => {
  const now = () => {
    asked.resolve()
    return state.promise
  }
  const subscription = { topics: [], show: () => null, now }
  streams
    .open(response, {
      place: { giveBack: () => {} },
      address: '/',
      subscription,
      headers: {},
      lastEventId: undefined,
      stillAllowed: async () => isAllowed,
    })
    .catch(() => {})
})

beforeEach(async () => {
  // Only the heartbeat's timer is fake.
  vi.useFakeTimers({ toFake: ['setInterval'] })
  isAllowed = true
  ;[asked, state] = [Promise.withResolvers(), Promise.withResolvers()]
  const live = { listen: () => () => {}, since: () => null, stop: async () => {} }
  streams = createStreams(live, { all: 10, perAddress: null, perSession: null }, () => 0.25)
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  vi.useRealTimers()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const open = () => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)

it('streams to a page whose state takes longer to read than the pause between two heartbeats', async () => {
  const opening = open()
  await asked.promise
  vi.advanceTimersByTime(heartbeatMs)
  state.resolve([shown])
  const answer = await opening
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  streams.close()
  expect(await answer.text()).toBe('retry: 2000\n\nevent: thing\ndata: {"name":"One"}\n\n')
})

it('cuts off a page that has no answer yet when the service stops, so that it asks again', async () => {
  const opening = open()
  await asked.promise
  streams.close()
  await expect(opening).rejects.toThrow()
})

it('ends the stream of a page as soon as its session ends, without a message or a heartbeat', async () => {
  state.resolve([shown])
  const answer = await open()
  streams.recheck()
  isAllowed = false
  expect(await answer.text()).toContain('event: thing')
})

it('also ends the stream of a page whose session ends while it is opened', async () => {
  const opening = open()
  await asked.promise
  isAllowed = false
  streams.recheck()
  state.resolve([])
  const answer = await opening
  expect(await answer.text()).toBe('retry: 2000\n\n')
})

it('ends a stream after a quarter of an hour, and tells the browser when to reconnect', async () => {
  const opening = open()
  await asked.promise
  state.resolve([shown])
  const answer = await opening
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 14 * 60_000)
  vi.advanceTimersByTime(heartbeatMs)
  clock.mockRestore()
  expect(await answer.text()).toContain('retry: 2000\n')
})
