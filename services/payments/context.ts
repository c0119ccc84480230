// What the features, calls and jobs of payments receive.

import type { Service } from '@aisle/kit/boot/service'
import type { config } from './config.ts'
import type { Meters } from './meters.ts'
import type { Provider } from './stripe/client.ts'

export type Parts = {
  provider: Provider
  meters: Meters
}
export type PaymentsService = Service<typeof config, Parts>
