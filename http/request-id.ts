// The name of a request in logs and answers, from the first of us that sees it to the last.

/** The request's X-Request-Id where a proxy of ours gave it one, else `make()`. */
export function requestIdOf(given: string | string[] | undefined, isProxys: boolean, make: () => string): string {
  return isProxys && typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : make()
}
