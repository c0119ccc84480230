// Placeholder until the front door is written.

import type { Log } from '@aisle/kit/log'
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'
export type FrontDoor = { url: string; port: number; stop(): Promise<void> }
type Address = string | (() => string)
export async function startFrontDoor(o: {
  port: number
  host?: string
  routes: { prefix: string; upstream: Address }[]
  services: { name: string; url: Address }[]
  logger: Log
}): Promise<FrontDoor> {
  const app = Fastify()
  const get = (a: Address) => (typeof a === 'string' ? a : a())
  for (const { prefix, upstream } of o.routes)
    await app.register(proxy, {
      upstream: '',
      prefix,
      rewritePrefix: prefix,
      replyOptions: { getUpstream: () => get(upstream) },
    })
  const url = await app.listen({ port: o.port, host: o.host ?? '127.0.0.1' })
  return { url, port: 0, stop: () => app.close() }
}
