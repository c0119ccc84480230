// Closes connections in order when a server stops.

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export type Drain = {
  /** Ends whatever would last: answers that stay open, requests that wait for their turn. */
  endWaits?: () => void
  /** Milliseconds after which requests that are still running are cut off. By default they are not. */
  withinMs?: number
}

/**
 * Has every connection closed soon after the stop begins. Connections with a request in progress send `connection:
 * close` with the answer; those that have never sent a request are cut off.
 */
export function drainAtStop(app: FastifyInstance, { endWaits, withinMs }: Drain): void {
  let closing = false
  // Node does not count a connection that has never sent a request as idle, such as that of a page that was left
  // while it connected.
  const unused = new Set<Socket>()
  app.server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))
  app.addHook('preClose', async () => {
    closing = true
    endWaits?.()
    for (const socket of unused) socket.destroy()
    // Fastify closes the connections that are idle now; those that become idle later would stay for their
    // keep-alive time.
    const idle = setInterval(() => app.server.closeIdleConnections(), 20)
    const cut = withinMs === undefined ? undefined : setTimeout(() => app.server.closeAllConnections(), withinMs)
    app.server.once('close', () => {
      clearInterval(idle)
      clearTimeout(cut)
    })
    // A server that never listened never closes.
    idle.unref()
    cut?.unref()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
}
