// What the features of notices receive.

import type { Service } from '@aisle/kit/boot/service'

export const config = {}

export type NoticesService = Service<typeof config, undefined>
