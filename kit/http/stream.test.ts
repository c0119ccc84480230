import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createStreams, type Shown, type Streams } from './stream.ts'

const heartbeatMs = 15_000
const shown: Shown = { subject: 'one', version: 1, event: 'thing', data: { name: 'One' } }

let streams: Streams
/** Resolves when a page has asked; what it is shown comes when the test says so. */
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
  // The timer of the heart alone.
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

it('a page whose state takes longer to be read than the pause between two signs of life gets it as a stream', async () => {
  const opening = open()
  await asked.promise
  vi.advanceTimersByTime(heartbeatMs)
  state.resolve([shown])
  const answer = await opening
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  streams.close()
  expect(await answer.text()).toBe('retry: 2000\n\nevent: thing\ndata: {"name":"One"}\n\n')
})

it('a page that has not been answered when the service stops is cut off, and so asks again', async () => {
  const opening = open()
  await asked.promise
  streams.close()
  await expect(opening).rejects.toThrow()
})

it('a page that listens is ended as soon as its session is, without a word and without a heartbeat', async () => {
  state.resolve([shown])
  const answer = await open()
  streams.recheck()
  isAllowed = false
  expect(await answer.text()).toContain('event: thing')
})

it('a page whose session ends while it is opened is ended, too', async () => {
  const opening = open()
  await asked.promise
  isAllowed = false
  streams.recheck()
  state.resolve([])
  const answer = await opening
  expect(await answer.text()).toBe('retry: 2000\n\n')
})

it('a page is let go after a quarter of an hour, and tells its browser when to come back', async () => {
  const opening = open()
  await asked.promise
  state.resolve([shown])
  const answer = await opening
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 14 * 60_000)
  vi.advanceTimersByTime(heartbeatMs)
  clock.mockRestore()
  expect(await answer.text()).toContain('retry: 2000\n')
})
