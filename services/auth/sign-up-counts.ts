// How many accounts one address may create per hour.

import type { Tx } from '@aisle/kit/db/database'
import type { Refusal } from '@aisle/kit/errors'
import { networkOf } from '@aisle/kit/http/network'
import type { AuthService } from './context.ts'
import { countOnce } from './counts.ts'

const hourMs = 60 * 60 * 1000

/**
 * Null if another account may be created from `address`, which is then counted. RATE_LIMIT=off lifts every
 * limit by address.
 */
export async function countSignUp(
  tx: Tx,
  { clock, config }: Pick<AuthService, 'clock' | 'config'>,
  address: string,
): Promise<Refusal | null> {
  if (config.RATE_LIMIT === 'off') return null
  return countOnce(tx.sql, {
    table: 'sign_up_counts',
    who: networkOf(address),
    most: config.SIGN_UPS_PER_HOUR,
    withinMs: hourMs,
    now: clock.now(),
  })
}
