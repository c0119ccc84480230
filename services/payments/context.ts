// What the features and jobs of payments receive.

import type { Service } from '@aisle/kit/boot/service'
import type { Presence } from '@aisle/kit/work/presence'
import type { CallContext, CallWorker } from './call.ts'
import type { config } from './config.ts'
import type { Meters } from './meters.ts'
import type { Provider } from './stripe/client.ts'
import type { EventFollower } from './stripe/follow-webhooks.ts'

export type Parts = {
  provider: Provider
  presence: Presence
  meters: Meters
  calls: CallWorker
  context: CallContext
  events: EventFollower
}
export type PaymentsService = Service<typeof config, Parts>
