// The document around every page, and the page for all errors.

import { holdsSecret } from '@aisle/http/secret-path'
import displayFont from '@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2?url'
import textFont from '@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2?url'
import { type ReactNode, useEffect, useRef } from 'react'
import {
  Links,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLocation,
  useMatches,
  useNavigation,
  useRouteError,
  useRouteLoaderData,
} from 'react-router'
import type { Route } from './+types/root.ts'
import { audienceOf } from './api/current-user.server.ts'
import { visitOf } from './api/visit.server.ts'
import { ErrorPage, kindOfError, lookAgainSeconds } from './parts/error-page.tsx'
import type { RootData } from './parts/head.tsx'
import { unlessOffline } from './parts/keep-typed.ts'
import { SiteFooter } from './parts/site-footer.tsx'
import { SiteHeader } from './parts/site-header.tsx'
import { directionOf } from './texts/languages.ts'
import { useLanguage, useTexts } from './texts/use-texts.tsx'
import './styles/app.css'

export async function loader({ context }: Route.LoaderArgs): Promise<RootData> {
  return { publicUrl: visitOf(context).publicUrl, audience: await audienceOf(context) }
}

export const shouldRevalidate = unlessOffline

export function Layout({ children }: { children: ReactNode }) {
  const language = useLanguage()
  const texts = useTexts()
  const { pathname, search } = useLocation()
  const here = `${pathname}${search}`
  const audience = useLastKnownAudience()
  const refreshSeconds = useRefreshSeconds()
  return (
    <html lang={language} dir={directionOf[language]} data-language={language}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf7f2" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14110d" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="preload" as="font" type="font/woff2" href={displayFont} crossOrigin="anonymous" />
        <link rel="preload" as="font" type="font/woff2" href={textFont} crossOrigin="anonymous" />
        <Links />
        {refreshSeconds !== null && (
          <noscript>
            <meta httpEquiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
      </head>
      <body className="flex min-h-dvh flex-col">
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:fixed focus:start-4 focus:top-4 focus:z-20 focus:bg-paper focus:p-3"
        >
          {texts.site.skip}
        </a>
        <Waiting />
        <SiteHeader
          isSignedIn={audience !== 'stranger'}
          isAdmin={audience === 'admin'}
          here={holdsSecret(pathname) ? '/' : here}
        />
        <main id="main" tabIndex={-1} className="grow outline-none">
          {children}
        </main>
        <SiteFooter here={here} />
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  )
}

/** The last known audience; written only in a browser. */
let lastAudience: RootData['audience'] = 'stranger'

/** On the page that reports a lost network, the header stays as it was before. */
function useLastKnownAudience() {
  const known = useRouteLoaderData<typeof loader>('root')
  useEffect(() => {
    if (known) lastAudience = known.audience
  }, [known])
  return known ? known.audience : lastAudience
}

export default function App() {
  useFocusOnNewPage()
  return <Outlet />
}

/**
 * On a full page load, a screen reader starts reading at the top. After a client-side navigation it would stay
 * silent at the link that was followed, so the focus moves.
 */
function useFocusOnNewPage() {
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    document.getElementById('main')?.focus({ preventScroll: true })
  }, [pathname])
}

export function ErrorBoundary() {
  return <ErrorPage error={useRouteError()} />
}

/** Shown while the next page loads, once that takes more than 200 ms (the delay is in base.css). */
function Waiting() {
  const texts = useTexts()
  const { state } = useNavigation()
  if (state === 'idle') return null
  return <div className="waiting" role="progressbar" aria-label={texts.site.loading} />
}

/** A page that is waiting says so in its loader's data; without JavaScript the browser then reloads it. */
function useRefreshSeconds(): number | null {
  const error = useRouteError()
  const matches = useMatches()
  if (error) return kindOfError(error) === 'unavailable' ? lookAgainSeconds : null
  for (const { loaderData } of matches) {
    const { refreshSeconds } = (loaderData ?? {}) as { refreshSeconds?: number }
    if (typeof refreshSeconds === 'number') return Math.ceil(refreshSeconds)
  }
  return null
}
