// What the server tells the app about one visit of one page, and what it gets back: the whole of what they know of each other.

import type { ServiceName } from '@aisle/contracts/endpoint'

/** What a visitor is, as far as a page differs by it. */
export type Audience = 'stranger' | 'member' | 'admin'

export type Visit = {
  /** Path and query of the page, also when its data alone is asked for. */
  path: string
  /** Origin of the service that answers an endpoint. */
  serviceUrl: (service: ServiceName) => string
  /** Origin by which people reach the site: for canonical links. */
  publicUrl: string
  /** As `languageOf` says. */
  language: string
  /** Allows the inline scripts of this one page. */
  nonce: string
  requestId: string
  /** The span that the calls of this visit are a part of. */
  traceparent: string | undefined
  /** Of the caller; empty when there is none, or when the page is for everyone. */
  headers: { cookie: string; forwarded: Readonly<Record<string, string>> }
  /** Whom a page is for that many will see: nobody is asked then who is looking. */
  audience?: Audience
  /** The Set-Cookie headers of services, for the browser. */
  setCookies: string[]
  /** Called for what nobody expected: the visitor sees a page that says no more than that. */
  failed: (error: unknown) => void
}

/** What a build exports: see app/render.ts. */
export type Build = {
  render: (request: Request, visit: Visit) => Promise<Response>
  languageOf: (cookie: string, acceptLanguage: string) => string
  /** The methods of the page at a path and query; null when there is no page. */
  methodsOf: (url: string) => readonly ('GET' | 'POST')[] | null
  /** Asks the API; who cannot be found out is a stranger. */
  audienceOf: (visit: Visit) => Promise<Audience>
}
