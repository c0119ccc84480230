// The pages from their sources, with hot reload, in front of an API that runs elsewhere:
//
//   browser -> this server -> /api             the marketplace at `apiUrl`, streams too
//                          -> modules, styles  Vite
//                          -> pages            web/server, with the app as Vite loads it for this request

import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Log } from '@aisle/kit/log'
import { startWeb, type WebOptions } from '@aisle/web/server/start-web'
import { createServer as createVite } from 'vite'
import { freePort } from '../free-port.ts'
import { passOn } from './pass-on.ts'

type Build = NonNullable<WebOptions['live']>['build']

const web = fileURLToPath(new URL('../../web/', import.meta.url))

export type LiveWeb = {
  readonly url: string
  stop(): Promise<void>
}

type LiveWebOptions = {
  /** Preferred port; any free one if it is taken. */
  port: number
  /** The public origin of a running marketplace. */
  apiUrl: string
  log: Log
}

/** Starts the pages. @throws when `apiUrl` does not answer like a marketplace, with one clear sentence */
export async function startLiveWeb({ port: wanted, apiUrl, log }: LiveWebOptions): Promise<LiveWeb> {
  const api = await marketplaceAt(apiUrl)
  const port = await freePort(wanted)
  const url = `http://localhost:${port}`
  const server = createHttpServer()
  const vite = await createVite({
    root: web,
    configFile: `${web}vite.config.ts`,
    cacheDir: fileURLToPath(new URL('../../node_modules/.cache/aisle-vite', import.meta.url)),
    appType: 'custom',
    server: { middlewareMode: true, hmr: { server } },
  })
  const load = async () => (await vite.ssrLoadModule('/app/render.ts')) as Build
  let build = await load()
  const pages = await startWeb({
    port: 0,
    apiUrl: api,
    publicUrl: url,
    paymentOrigins: [],
    logger: log,
    live: {
      build: {
        render: (...visit) => build.render(...visit),
        languageOf: (...headers) => build.languageOf(...headers),
        methodsOf: (path) => build.methodsOf(path),
        audienceOf: (visit) => build.audienceOf(visit),
      },
      files: `${web}public`,
    },
  })

  const toPages = async (request: IncomingMessage, response: ServerResponse) => {
    // As the sources are now. A syntax error is shown in the browser and in the terminal.
    build = await load()
    passOn(request, response, pages.url, { withoutPolicy: true })
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (/^\/api(\/|\?|$)/.test(request.url ?? '')) return passOn(request, response, api, { asOrigin: true })
    vite.middlewares(request, response, () => {
      toPages(request, response).catch((error: Error) => {
        vite.ssrFixStacktrace(error)
        log.error({ err: error }, 'the page could not be loaded')
        response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(error.stack ?? error.message)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await pages.stop()
      await vite.close()
    },
  }
}

/** Whether it answers is worth a few seconds at the start: every page would fail later, and not say why. */
const answersWithinMs = 10_000

/** The origin of the marketplace. */
async function marketplaceAt(address: string): Promise<string> {
  const parsed = URL.canParse(address) ? new URL(address) : null
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new Error(`"${address}" is no address of a marketplace; give one like --api https://tickets.example.`)
  const { origin } = parsed
  try {
    const response = await fetch(`${origin}/api/events?limit=1`, { signal: AbortSignal.timeout(answersWithinMs) })
    const isOurs = response.ok && Array.isArray(await response.json().catch(() => null))
    if (!isOurs) throw new Error(`${origin}/api/events answered ${response.status}, and not with a list of events`)
  } catch (error) {
    const { message, cause } = error as Error
    const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? message
    throw new Error(`No marketplace answers at ${origin} (${why}); start one there, or give another address.`, {
      cause,
    })
  }
  return origin
}
