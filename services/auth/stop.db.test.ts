// A service that stops answers what it has accepted, also what waits for its client's turn.

import { once } from 'node:events'
import { connect } from 'node:net'
import { start } from '@aisle/kit/boot/start'
import { expect, it } from 'vitest'
import { clock, log, useAuth, values } from './auth-testing.ts'
import { auth } from './service.ts'

useAuth()

/** Sends a request on a connection of its own; resolves to the whole answer. */
async function sent(origin: string, body: string): Promise<() => Promise<string>> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  let text = ''
  socket.on('data', (part) => {
    text += part
  })
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  socket.write(
    `POST /api/users/signin HTTP/1.1\r\nhost: auth\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  return async () => {
    await closed
    return text
  }
}

it('sign-ins that wait for their turn are answered before the service stops', async () => {
  // Two at a time.
  const service = await start(auth, { ...values, RATE_LIMIT: '1200', DATABASE_POOL: 8 }, { clock, log })
  const bodies = Array.from({ length: 9 }, (_, nth) =>
    JSON.stringify({ email: `nobody${nth}@aisle.test`, password: 'a guess' }),
  )
  const answers = await Promise.all(bodies.map((body) => sent(service.url, body)))
  // They are read before the stop, because this later request on another connection is answered.
  expect((await fetch(`${service.url}/livez`)).status).toBe(200)
  await service.stop()
  const statuses = (await Promise.all(answers.map((answer) => answer()))).map((text) => text.slice(9, 12))
  expect(statuses).toEqual(bodies.map(() => '401'))
})
