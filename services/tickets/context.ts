import type { Service } from '@aisle/kit/boot/service'
import type { Bell } from '@aisle/kit/time/bell'

export const config = {}

export type Parts = {
  /** Rung when a seller is banned. */
  readonly bans: Bell
}

export type TicketsService = Service<typeof config, Parts>
