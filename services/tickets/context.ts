import type { Service } from '@aisle/kit/boot/service'
import type { Bell } from '@aisle/kit/time/bell'
import type { Lists } from './lists.ts'

export const config = {}

export type Parts = {
  /** Rung when a seller is banned. */
  readonly bans: Bell
  readonly lists: Lists
}

export type TicketsService = Service<typeof config, Parts>
