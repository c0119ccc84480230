// A graceful stop as callers see it: the service finishes the requests that have reached it.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { openWorld, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

/** A connection that a front door keeps open, and the responses on it so far. */
async function keptConnection(origin: string): Promise<{ socket: Socket; answered: () => string }> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  let text = ''
  socket.on('data', (part) => {
    text += part
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return { socket, answered: () => text }
}

const ask = 'GET /api/events HTTP/1.1\r\nhost: tickets\r\n\r\n'
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

describe('a service that stops', () => {
  it('answers a request that it has started to receive, and marks it as the last on its connection', async () => {
    const [origin] = world.stack.origins('tickets')
    const { socket, answered } = await keptConnection(origin!)
    socket.write(ask)
    await until(
      async () => statuses(answered()),
      ({ length }) => length === 1,
    )
    socket.write(ask.slice(0, 20))
    // It is read before the stop, because this later request on another connection is answered.
    expect((await fetch(`${origin}/livez`)).status).toBe(200)
    const stopped = world.stack.stopService('tickets')
    await until(
      () =>
        fetch(`${origin}/livez`).then(
          () => 'accepted',
          () => 'refused',
        ),
      (answer) => answer === 'refused',
      'the service to take no more connections',
    )
    socket.write(ask.slice(20))
    await until(
      async () => statuses(answered()),
      ({ length }) => length === 2,
    )
    await stopped
    expect(statuses(answered())).toEqual(['200', '200'])
    expect(
      answered()
        .toLowerCase()
        .match(/^connection: \S+/gm)
        ?.at(-1),
    ).toBe('connection: close')
    await world.stack.startService('tickets')
  })
})
