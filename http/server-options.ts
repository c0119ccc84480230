// How every server here speaks HTTP: services, web server and front door.

import type { Server } from 'node:http'
import { type FastifyHttpOptions, LogController } from 'fastify'
import type { Proxies } from './proxies.ts'
import { requestIdOf } from './request-id.ts'
import { originForm } from './target.ts'

/**
 * Connections that may wait to be accepted. With Node's 511 a crowd that arrives at one moment loses its first
 * packets, and waits a second to send them again.
 */
export const connectionBacklog = 4_096

/**
 * The options of Fastify that all servers share; each adds its limits and its form of an error. `isProxy` decides
 * whose X-Request-Id is accepted; `makeId` makes one for all other requests.
 */
export const serverOptions = (isProxy: Proxies, makeId: () => string) =>
  ({
    logController: new LogController({ disableRequestLogging: true }),
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    // A connection that is open at the stop may still send its request; the answer tells it that this was the last.
    return503OnClosing: false,
    genReqId: ({ headers, socket }) =>
      requestIdOf(headers['x-request-id'], isProxy(socket.remoteAddress ?? '', 0), makeId),
    // A request without a Host is refused with the other improper ones.
    http: { requireHostHeader: false },
    rewriteUrl: ({ url = '', headers }) => originForm(url, headers) ?? '/',
  }) satisfies FastifyHttpOptions<Server>

/**
 * Whether a body would have to be decompressed first. No request here is large enough to be worth it, and a small
 * body can become a large one.
 */
export const isEncoded = ({ headers }: { headers: Readonly<Record<string, string | string[] | undefined>> }): boolean =>
  !['', 'identity'].includes(String(headers['content-encoding'] ?? '').toLowerCase())
