// How an event gets to an endpoint whose connections end.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { postWebhook } from './post-webhook.ts'

async function endpoint(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
const post = (url: string) => postWebhook(url, '{}', 't=1,v1=0', new AbortController().signal)

it('uses a connection again', async () => {
  const sockets = new Set()
  const url = await endpoint((request, reply) => {
    sockets.add(request.socket)
    reply.end()
  })
  expect([await post(url), await post(url), sockets.size]).toEqual([200, 200, 1])
})

it('uses another connection when the endpoint has closed the one that was kept', async () => {
  const sockets = new Set()
  let refused = 0
  const url = await endpoint((request, reply) => {
    if (sockets.has(request.socket)) {
      refused++
      request.socket.resetAndDestroy()
      return
    }
    sockets.add(request.socket)
    reply.end()
  })
  expect([await post(url), await post(url), refused, sockets.size]).toEqual([200, 200, 1, 2])
})

it('takes an endpoint that closes every connection for one that gives no answer', async () => {
  let asked = 0
  const url = await endpoint((request) => {
    asked++
    request.socket.resetAndDestroy()
  })
  expect([await post(url), asked]).toEqual([null, 1])
})
