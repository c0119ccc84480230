// A person says that their address works again, so mails go there again. At most once a day: an address that keeps
// refusing mails costs us the trust of other servers. Who complained at an address must have proved that it is theirs.

import { reachAgain as endpoint } from '@aisle/contracts/api/notices'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { NoticesService } from '../context.ts'
import { ownAddress } from '../suppressions.ts'

const onceInMs = 24 * 60 * 60 * 1000

export const reachAgain = command(endpoint, async (tx, { session, now }, service: NoticesService) => {
  const own = await ownAddress(service, session.userId)
  if (!own) return answer(undefined)
  const [suppression] = await tx.sql<{ reason: string; liftedAt: Date | null }[]>`
    select reason, lifted_at from suppressions
    where address_mac = ${own.mac} and (lifted_at is null or lifted_at < at) for update`
  if (!suppression) return answer(undefined)
  if (suppression.reason === 'complained' && !own.isConfirmed) return refuse('address-unconfirmed')
  const waitMs = suppression.liftedAt === null ? 0 : suppression.liftedAt.getTime() + onceInMs - now.getTime()
  if (waitMs > 0) return refuse('too-many-requests', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
  await tx.sql`update suppressions set lifted_at = ${now} where address_mac = ${own.mac}`
  return answer(undefined)
})
