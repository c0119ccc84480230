// What the features of expiration receive.

import type { Service } from '@aisle/kit/boot/service'
import type { Alarm } from './alarm.ts'

export const config = {}

export type Parts = { readonly alarm: Alarm }
export type ExpirationService = Service<typeof config, Parts>
