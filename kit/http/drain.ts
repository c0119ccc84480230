// What becomes of connections when the service stops.

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Has every connection closed soon after the stop begins: those that are answering tell their client that this was the last answer, those
 * that have never sent a request are cut off. `endWaits` ends what would last: answers that stay open, requests that wait for their turn.
 */
export function drainAtStop(app: FastifyInstance, endWaits: () => void): void {
  // A connection that is still answering when the stop begins would stay open, and hold the stop up, for as long as its client keeps it.
  let closing = false
  // So would one that has never sent a request, as of a page that was left while it connected: Node does not count it as idle.
  const unused = new Set<Socket>()
  app.server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))
  app.addHook('preClose', async () => {
    closing = true
    endWaits()
    for (const socket of unused) socket.destroy()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
}
