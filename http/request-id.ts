// The id of a request in logs and answers, the same in every part of the system that it passes.

/** The request's X-Request-Id if a trusted proxy set it and it is well-formed, else `make()`. */
export function requestIdOf(given: string | string[] | undefined, isProxys: boolean, make: () => string): string {
  return isProxys && typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : make()
}
