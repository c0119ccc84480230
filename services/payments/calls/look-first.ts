// When an idempotency key can no longer prove the object exists, look it up before creating it again.

import type { Job } from '@aisle/kit/work/work'

/** The provider forgets keys after 24 h. */
const keyTrustedMs = 23 * 60 * 60 * 1000

/**
 * True from the second key on, since the first one's stored answer is an error, and for a key that the provider
 * may have forgotten.
 */
export const mustLook = ({ number, askedAt }: Pick<Job, 'number' | 'askedAt'>, now: Date): boolean =>
  number > 1 || now.getTime() - askedAt.getTime() > keyTrustedMs

/** Where the lookup starts: an object made by the call is not older than the call, allowing for clock skew. */
export const madeSince = ({ askedAt }: Pick<Job, 'askedAt'>): { gte: number } => ({
  gte: Math.floor(askedAt.getTime() / 1000) - 60,
})
