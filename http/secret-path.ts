// Pages whose address ends with the secret of a link from a mail: /confirm/<secret>. Nobody else may read it: not in a
// log, and not in the Referer of what a page links to.

const secretPath = /^(\/(?:confirm|reset|undo|unsubscribe)\/)[^/?#]+/

/** Whether the page at `path` has a secret in its address. */
export const holdsSecret = (path: string): boolean => secretPath.test(path)

/** Path and query as they may be logged. */
export const withoutSecret = (url: string): string => url.replace(secretPath, '$1...')
