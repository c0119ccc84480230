import { Writable } from 'node:stream'
import { renderToPipeableStream } from 'react-dom/server'
import { type EntryContext, type HandleErrorFunction, isRouteErrorResponse, ServerRouter } from 'react-router'
import { type Context, visitOf } from './api/visit.server.ts'
import { Nonce } from './parts/head.tsx'
import { loadTexts } from './texts/load-texts.ts'
import { Speaking } from './texts/use-texts.tsx'

/** No part of a page arrives later than the page, so it is sent whole, with a length, and errors have a status. */
export default async function renderPage(
  request: Request,
  status: number,
  headers: Headers,
  entry: EntryContext,
  context: Context,
): Promise<Response> {
  const { language, nonce } = visitOf(context)
  const texts = await loadTexts(language)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>()
  const parts: Uint8Array[] = []
  const { pipe } = renderToPipeableStream(
    <Speaking language={language} texts={texts}>
      <Nonce value={nonce}>
        <ServerRouter context={entry} url={request.url} nonce={nonce} />
      </Nonce>
    </Speaking>,
    {
      nonce,
      onAllReady: () =>
        pipe(
          new Writable({
            write(chunk: Uint8Array, _encoding, done) {
              parts.push(chunk)
              done()
            },
            final(done) {
              resolve(Buffer.concat(parts))
              done()
            },
          }),
        ),
      onShellError: reject,
      onError: reject,
    },
  )
  headers.set('content-type', 'text/html; charset=utf-8')
  headers.set('content-language', language)
  return new Response(await promise, { status, headers })
}

export const handleError: HandleErrorFunction = (error, { request, context }) => {
  // A refusal is a page, not a failure.
  if (isRouteErrorResponse(error) && error.status < 500) return
  if (!request.signal.aborted) visitOf(context as Context).failed(error)
}
