// A lost network does not lose a form: the page stays as it is, with a sentence above it.

import type { ShouldRevalidateFunctionArgs } from 'react-router'
import type { Rejected } from './rejection.tsx'

const offline: Rejected = { values: {}, code: 'offline', faults: [] }

/** The `clientAction` of a page with a form. What `fetch` throws when it reaches nobody is a TypeError; all else goes on as it would. */
export async function keepTyped<T>(serverAction: () => Promise<T>): Promise<T | Rejected> {
  try {
    return await serverAction()
  } catch (error) {
    if (error instanceof TypeError) return offline
    throw error
  }
}

/**
 * Its `shouldRevalidate`: nothing can be fetched anew just then either, and the form is to be sent again as it was. After any answer, a refusal too,
 * it is: the world is not as the page showed it, and what is sent next is another request, which needs an idempotency key of its own.
 */
export function unlessOffline(args: ShouldRevalidateFunctionArgs): boolean {
  const { actionResult, actionStatus, defaultShouldRevalidate } = args
  return actionResult !== offline && (actionStatus !== undefined || defaultShouldRevalidate)
}
