import type { Service } from '@aisle/kit/boot/service'
import type { Bell } from '@aisle/kit/time/bell'
import { Type } from 'typebox'

export const config = {
  ORDER_WINDOW_SECONDS: Type.Integer({
    default: 900,
    minimum: 1,
    maximum: 86_400,
    description: 'seconds for which a reserved ticket is kept for its buyer',
  }),
  MAX_UNPAID_ORDERS: Type.Integer({
    default: 6,
    minimum: 1,
    maximum: 1_000_000,
    description: 'unpaid orders that one buyer may have at a time',
  }),
  MAX_TICKETS_PER_EVENT: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 1_000_000,
    description: 'tickets for one event that one buyer may have, paid or unpaid',
  }),
  UNCONFIRMED_ADDRESSES: Type.Enum(['limited', 'free'], {
    default: 'limited',
    description: 'limited: a user must confirm the email before reserving a second ticket; free: need not',
  }),
}

export type Parts = {
  /** Rung when a user is banned. */
  readonly bans: Bell
}

export type OrdersService = Service<typeof config, Parts>
