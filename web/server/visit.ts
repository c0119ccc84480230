// The interface between the server and the app for one visit of one page. They know nothing else of each other.

import type { ServiceName } from '@aisle/contracts/endpoint'

/** The kinds of visitor for which a page may differ. */
export type Audience = 'stranger' | 'member' | 'admin'

/** The pages about the site itself: see site-pages.ts. */
export const sitePageNames = ['help', 'privacy', 'terms', 'imprint', 'contact'] as const
export type SitePageName = (typeof sitePageNames)[number]
export type SitePage = {
  /** The language of its text. */
  language: 'en' | 'de'
  title: string
  /** Its first paragraph. */
  description: string
  /** The headings of its parts. */
  headings: readonly { id: string; text: string }[]
  /** All below the title. */
  html: string
}

export type Visit = {
  /** Path and query of the page, also for a data request. */
  path: string
  /** Origin of the service that answers an endpoint. */
  serviceUrl: (service: ServiceName) => string
  /** The public origin of the site, for canonical links. */
  publicUrl: string
  /** The result of `languageOf`. */
  language: string
  /** Allows the inline scripts of this one page. */
  nonce: string
  requestId: string
  /** The span to which the calls of this visit belong. */
  traceparent: string | undefined
  /** The caller's headers; empty if there is no caller, or if the page is for everyone. */
  headers: { cookie: string; forwarded: Readonly<Record<string, string>> }
  /** The audience of a shared page; the API is then not asked for the user. */
  audience?: Audience
  /** The Set-Cookie headers of services, for the browser. */
  setCookies: string[]
  /** A page about the site itself, in the visitor's language. */
  sitePage: (name: SitePageName) => SitePage
  /** Called for unexpected errors: the visitor sees a page without details. */
  failed: (error: unknown) => void
}

/** The exports of a build: see app/render.ts. */
export type Build = {
  render: (request: Request, visit: Visit) => Promise<Response>
  languageOf: (cookie: string, acceptLanguage: string) => string
  /** The methods of the page at a path and query; null when there is no page. */
  methodsOf: (url: string) => readonly ('GET' | 'POST')[] | null
  /** Asks the API; if that fails, the visitor is a stranger. */
  audienceOf: (visit: Visit) => Promise<Audience>
}
