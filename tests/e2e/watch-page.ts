// What must never happen on any page: an error in the console, an exception, a request to a third party.

import type { Page } from 'playwright-core'

export type Watch = {
  /** From now on pages may return this status, for example 404 for a missing page. */
  allow(status: number): void
  /** From now on the network may be lost. */
  allowLostNetwork(): void
  /** The page may also send requests to this origin. */
  allowOrigin(origin: string): void
  /** A sentence for each problem since the last call. */
  wrong(): string[]
}

/** `origins` are the only ones the page may send requests to. */
export function watchPage(page: Page, origins: readonly string[]): Watch {
  const known = new Set(origins)
  const wrong: string[] = []
  const lines: { text: string; url: string }[] = []
  const refusedForms = new Set<string>()
  const allowed = new Set<number>()
  let mayBeOffline = false

  page.on('pageerror', (error) => wrong.push(`an exception on ${page.url()}: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') lines.push({ text: message.text(), url: message.location().url })
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && !known.has(url.origin)) wrong.push(`a request to ${url.origin}`)
  })
  page.on('response', (response) => {
    const refused = response.status() >= 400 && response.status() < 500
    if (refused && response.request().method() === 'POST') refusedForms.add(response.url())
  })

  return {
    allow: (status) => allowed.add(status),
    allowLostNetwork: () => {
      mayBeOffline = true
    },
    allowOrigin: (origin) => known.add(origin),
    wrong: () => [
      ...wrong.splice(0),
      ...lines
        .splice(0)
        .filter((line) => !isExpected(line))
        .map(({ text, url }) => `${text} (${url})`),
    ],
  }

  /** Chromium logs every response of 400 and above to the console: a refused form is one, and is expected. */
  function isExpected({ text, url }: { text: string; url: string }): boolean {
    if (mayBeOffline && /net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED)/.test(text)) return true
    const status = Number(/^Failed to load resource: the server responded with a status of (\d+)/.exec(text)?.[1])
    return allowed.has(status) || (status < 500 && refusedForms.has(url))
  }
}
