import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { browseTickets, editTicket, showTicket, withdrawTicket } from '@aisle/contracts/api/tickets'
import { signIn } from '@aisle/contracts/api/users'
import { expect, it, onTestFinished } from 'vitest'
import { Client, type Fetch, keepCookies, UnreadableAnswer } from './client.ts'

/** A client of a server that answers with `answer`, and what the server has received. */
async function clientOf(answer: RequestListener, fetch?: Fetch) {
  const received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    received.push({ method, url, headers, body: await text(request) })
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { client: new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, fetch), received }
}

it('puts each input where the endpoint declares it', async () => {
  const { client, received } = await clientOf((_request, response) => response.end('{}'))
  await client.call(editTicket, { params: { id: 'a/b' }, body: { price: 50 }, version: 3, idempotencyKey: 'once' })
  await client.call(browseTickets, { query: { q: 'row 8 & 9', limit: 5, eventId: undefined } as { q: string } })
  expect(received[0]).toMatchObject({
    method: 'PATCH',
    url: '/api/tickets/a%2Fb',
    headers: { 'content-type': 'application/json', 'if-match': '"3"', 'idempotency-key': 'once' },
    body: '{"price":50}',
  })
  expect(received[1]).toMatchObject({ method: 'GET', url: '/api/tickets?q=row+8+%26+9&limit=5', body: '' })
  expect(received[1]!.headers).not.toHaveProperty('content-type')
})

it('returns the body, and the cursor of the next page', async () => {
  const { client } = await clientOf((_request, response) =>
    response.setHeader('link', '</api/tickets?q=x&after=abc>; rel="next"').end('[]'),
  )
  expect(await client.call(browseTickets, {})).toEqual({ ok: true, status: 200, body: [], next: 'abc' })
})

it('returns nothing as the body of an answer that has none', async () => {
  const { client } = await clientOf((_request, response) => response.writeHead(204).end())
  const answer = await client.call(withdrawTicket, { params: { id: 'x' } })
  expect(answer).toEqual({ ok: true, status: 204, body: undefined, next: null })
})

it('returns a refusal as a value', async () => {
  const problem = { code: 'not-found', title: 'There is nothing here.', status: 404 }
  const { client } = await clientOf((_request, response) => response.writeHead(404).end(JSON.stringify(problem)))
  expect(await client.call(showTicket, { params: { id: 'x' } })).toEqual({ ok: false, status: 404, problem })
})

it.each([
  [502, '<h1>Bad gateway</h1>'],
  [200, 'not JSON'],
  [404, '{"message":"another server"}'],
  [302, ''],
])('throws when something else than the marketplace answers %s %s', async (status, body) => {
  const { client } = await clientOf((_request, response) => response.writeHead(status).end(body))
  const error = await client.call(showTicket, { params: { id: 'x' } }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UnreadableAnswer)
  expect(error).toMatchObject({ status, message: expect.stringContaining('GET /api/tickets/x') })
})

it('keeps cookies by name until they are taken away, if it is asked to', async () => {
  const answers = [['session=one; Path=/', 'device=d; HttpOnly'], ['session=two'], ['session=; Max-Age=0'], []]
  const { client, received } = await clientOf(
    (_request, response) => response.setHeader('set-cookie', answers.shift() ?? []).end('{}'),
    keepCookies(),
  )
  for (let sent = 0; sent < 4; sent++) await client.call(signIn, { body: { email: 'a@b.test', password: 'p' } })
  const cookies = received.map(({ headers }) => headers.cookie)
  expect(cookies).toEqual([undefined, 'session=one; device=d', 'session=two; device=d', 'device=d'])
})
