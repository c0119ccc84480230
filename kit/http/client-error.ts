// Refuses input that is not HTTP, in the same form as any other refusal, and closes the connection.

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { refuse } from '../errors.ts'
import { problemOf, problemType } from './problem.ts'

/** Fastify's `clientErrorHandler`; `headers` are those of every answer. */
export const refuseNonsense =
  (headers: Readonly<Record<string, string>>) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (!socket.writable) return
    const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW'
    const body = JSON.stringify(problemOf(refuse(isTooLarge ? 'too-large' : 'invalid'), randomUUID()))
    const lines = Object.entries({
      ...headers,
      Connection: 'close',
      'Content-Type': problemType,
      'Content-Length': String(Buffer.byteLength(body)),
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${isTooLarge ? '413 Content Too Large' : '400 Bad Request'}\r\n${lines.join('')}\r\n${body}`)
  }
