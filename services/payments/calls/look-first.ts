// When a key does not tell any more whether what was asked for has been made: then it is looked for before it is made (again).

import type { ProviderCall } from '../call.ts'

/** The provider forgets keys after 24 h. */
const keyTrustedMs = 23 * 60 * 60 * 1000

/** True from the second key on, which follows one whose answer is an error for good, and for one that the provider may have forgotten. */
export const mustLook = ({ key, createdAt }: ProviderCall, now: Date): boolean =>
  !key.endsWith(':1') || now.getTime() - createdAt.getTime() > keyTrustedMs

/** Where a look begins: what a call has made is not older than the call, give or take a clock. */
export const madeSince = ({ createdAt }: ProviderCall): { gte: number } => ({
  gte: Math.floor(createdAt.getTime() / 1000) - 60,
})
