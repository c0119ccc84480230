import type { Bell } from '@aisle/kit/bell'
import type { Service } from '@aisle/kit/service'
import { Type } from 'typebox'

export const config = {
  ORDER_WINDOW_SECONDS: Type.Integer({
    default: 900,
    minimum: 1,
    maximum: 86_400,
    description: 'seconds for which a reserved ticket is kept for its buyer',
  }),
}

export type Parts = {
  /** Rung when somebody is banned. */
  readonly bans: Bell
}

export type OrdersService = Service<typeof config, Parts>
