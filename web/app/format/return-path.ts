// Where a visitor goes after signing in: only to a page of this site, whatever the URL says.

const origin = 'http://this.site'

/** `wanted` if it is a path of this site, else `/`. */
export function safeReturnPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith('/') || wanted.length > 500 || !URL.canParse(wanted, origin)) return '/'
  const url = new URL(wanted, origin)
  // `//elsewhere`, `/\elsewhere` and `/<tab>/elsewhere` parse as other hosts.
  if (url.origin !== origin) return '/'
  const path = `${url.pathname}${url.search}`
  // The API answers in JSON; and a parsed path can still begin with two slashes.
  if (/^\/(\/|api(\/|$))/.test(path)) return '/'
  return path
}

/** The page where users confirm that it is they, which leads back to `path`. */
export const provePath = (path: string): string => `/prove?${new URLSearchParams({ to: safeReturnPath(path) })}`

/** The page for the second step of a sign-in, which leads back to `path`. */
export const secondStepPath = (path: string, method?: 'recovery-code'): string =>
  `/sign-in/second?${new URLSearchParams({ to: safeReturnPath(path), ...(method ? { with: method } : {}) })}`

/** The sign-in page, which leads back to `path` unless that is itself a sign-in page. */
export function signInPath(path: string, page: '/sign-in' | '/sign-up' = '/sign-in'): string {
  const to = safeReturnPath(path)
  return to === '/' || to.startsWith('/sign-') ? page : `${page}?${new URLSearchParams({ to })}`
}
