// The page shown if a page cannot be rendered. The details are in the log.

import type { RefusalCode } from '@aisle/contracts/refusals'
import { isRouteErrorResponse, Link, useLocation } from 'react-router'
import { useTexts } from '../texts/use-texts.tsx'
import { Head } from './head.tsx'
import { LookAgain } from './look-again.tsx'

type Kind = 'invalid' | 'notFound' | 'forbidden' | 'secondFactor' | 'unavailable' | 'tooMany' | 'offline' | 'internal'

/** A service that does not answer is usually back within seconds. */
export const lookAgainSeconds = 5

export function kindOfError(error: unknown): Kind {
  // The error `fetch` throws in a browser without a connection.
  if (error instanceof TypeError && typeof document !== 'undefined') return 'offline'
  if (!isRouteErrorResponse(error)) return 'internal'
  if (error.data?.code === ('second-factor-needed' satisfies RefusalCode)) return 'secondFactor'
  switch (error.status) {
    case 400:
      return 'invalid'
    case 404:
    case 405:
      return 'notFound'
    case 401:
    case 403:
      return 'forbidden'
    case 429:
      return 'tooMany'
    case 503:
      return 'unavailable'
    default:
      return 'internal'
  }
}

export function ErrorPage({ error }: { error: unknown }) {
  const texts = useTexts()
  const { pathname, search } = useLocation()
  const kind = kindOfError(error)
  const { title, body } = texts.error[kind]
  const mayPass = !['invalid', 'notFound', 'forbidden', 'secondFactor'].includes(kind)
  return (
    <div className="page py-16 sm:py-24">
      <Head title={title} />
      {kind === 'unavailable' && <LookAgain seconds={lookAgainSeconds} />}
      <h1 className="max-w-2xl text-display">{title}</h1>
      <p className="mt-4 max-w-prose text-lead text-muted">{body}</p>
      <div className="mt-8 flex flex-wrap gap-3">
        {mayPass && (
          <a className="button button-main" href={`${pathname}${search}`}>
            {texts.error.retry}
          </a>
        )}
        {kind === 'secondFactor' && (
          <Link className="button button-main" to="/account/security">
            {texts.error.setUp}
          </Link>
        )}
        <Link className={`button ${mayPass || kind === 'secondFactor' ? '' : 'button-main'}`} to="/">
          {texts.error.home}
        </Link>
      </div>
    </div>
  )
}
