import type { Service } from '@aisle/kit/service'

export const config = {}

export type TicketsService = Service<typeof config, undefined>
