// Passes a request on to another server, and its answer back as it comes, so that a stream stays one.

import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'

type Options = {
  /** The request is made to look like one from that server's own pages; else another origin would be refused. */
  asOrigin?: boolean
  /** The content security policy of the pages is left out: it allows none of what hot reload does. */
  withoutPolicy?: boolean
}

/** `origin` is the server that answers. */
export function passOn(from: IncomingMessage, to: ServerResponse, origin: string, options: Options = {}): void {
  const { protocol, host } = new URL(origin)
  const headers = { ...from.headers }
  if (options.asOrigin) {
    headers.host = host
    if (headers.origin !== undefined) headers.origin = origin
    delete headers.referer
  }
  const request = protocol === 'https:' ? requestHttps : requestHttp
  const passed = request(`${origin}${from.url}`, { method: from.method, headers }, (answer) => {
    const sent = { ...answer.headers }
    if (options.withoutPolicy) delete sent['content-security-policy']
    to.writeHead(answer.statusCode ?? 502, sent)
    to.flushHeaders()
    answer.pipe(to)
    answer.once('error', () => to.destroy())
  })
  passed.once('error', ({ message }) => {
    if (to.headersSent) to.destroy()
    else to.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' }).end(`${origin} does not answer: ${message}`)
  })
  // A page that is closed closes its stream.
  to.once('close', () => passed.destroy())
  from.pipe(passed)
}
