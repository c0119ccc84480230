// A lost network does not lose a form: the page stays as it is, with a message above the form.

import type { ShouldRevalidateFunctionArgs } from 'react-router'
import type { Rejected } from './rejection.tsx'

const offline: Rejected = { values: {}, code: 'offline', faults: [] }

/**
 * The `clientAction` of a page with a form. `fetch` throws a TypeError if there is no connection; everything
 * else passes through.
 */
export async function keepTyped<T>(serverAction: () => Promise<T>): Promise<T | Rejected> {
  try {
    return await serverAction()
  } catch (error) {
    if (error instanceof TypeError) return offline
    throw error
  }
}

/**
 * Its `shouldRevalidate`. While offline nothing can be refetched, and the form must be resubmitted as it was.
 * After any answer, even a refusal, the page revalidates: its data is outdated, and the next submission is
 * another request, which needs its own idempotency key.
 */
export function unlessOffline(args: ShouldRevalidateFunctionArgs): boolean {
  const { actionResult, actionStatus, defaultShouldRevalidate } = args
  return actionResult !== offline && (actionStatus !== undefined || defaultShouldRevalidate)
}
