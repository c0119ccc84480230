// How every server of ours speaks HTTP: services, web server and front door.

import type { Server } from 'node:http'
import { type FastifyHttpOptions, LogController } from 'fastify'
import type { Proxies } from './proxies.ts'
import { requestIdOf } from './request-id.ts'
import { originForm } from './target.ts'

/**
 * Connections that may wait to be accepted. With Node's 511 a crowd that comes at one moment loses its first packets,
 * and waits a second to send them again.
 */
export const connectionBacklog = 4_096

/**
 * What the servers tell Fastify alike; each adds its limits and its form of an error. `isProxy` says whose X-Request-Id
 * is taken, `makeId` makes one for everybody else.
 */
export const serverOptions = (isProxy: Proxies, makeId: () => string) =>
  ({
    logController: new LogController({ disableRequestLogging: true }),
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    // A connection that is open at the stop may send its request and is told then that it was the last.
    return503OnClosing: false,
    genReqId: ({ headers, socket }) =>
      requestIdOf(headers['x-request-id'], isProxy(socket.remoteAddress ?? '', 0), makeId),
    // A request without a Host is refused with the others that are not proper.
    http: { requireHostHeader: false },
    rewriteUrl: ({ url = '', headers }) => originForm(url, headers) ?? '/',
  }) satisfies FastifyHttpOptions<Server>

/**
 * Whether a body would have to be unpacked first. None of ours is large enough to be worth it, and a small one can
 * become a large one.
 */
export const isEncoded = ({ headers }: { headers: Readonly<Record<string, string | string[] | undefined>> }): boolean =>
  !['', 'identity'].includes(String(headers['content-encoding'] ?? '').toLowerCase())
