import type { Bell } from '@aisle/kit/bell'
import type { Service } from '@aisle/kit/service'

export const config = {}

export type Parts = {
  /** Rung when a seller is banned. */
  readonly bans: Bell
}

export type TicketsService = Service<typeof config, Parts>
