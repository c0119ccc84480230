import type { Service } from '@aisle/kit/boot/service'
import type { Bell } from '@aisle/kit/time/bell'
import { Type } from 'typebox'
import type { Lists } from './lists.ts'

export const config = {
  UNCONFIRMED_ADDRESSES: Type.Enum(['limited', 'free'], {
    default: 'limited',
    description: 'limited: a user must confirm the email before selling; free: need not',
  }),
}

export type Parts = {
  /** Rung when a seller is banned. */
  readonly bans: Bell
  /** Rung when a user was erased. */
  readonly erasures: Bell
  readonly lists: Lists
}

export type TicketsService = Service<typeof config, Parts>
