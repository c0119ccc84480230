// One slot among the replicas of a service: a living process, or one preloaded to take its place.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { type Beginning, forkService, type SeparateService, type Values } from './separate-service.ts'

export type Replica = {
  /** Where it listens, while it lives. */
  url(): string | null
  /** Starts it unless it lives; resolves when it listens. @throws when it does not start */
  start(values: Values, beginning: Beginning): Promise<void>
  /** Sends it no more requests, then stops it gracefully. */
  stop(): Promise<void>
  /** As by kill -9, once it has started. */
  kill(): Promise<void>
  /** Sets its time, even while it is starting. */
  advanceTo(moment: Date): Promise<void>
  rest(): Promise<boolean>
  /** Permanently: `stop` or `kill` without a replacement. */
  end(how: 'stop' | 'kill'): Promise<void>
}

export function openReplica(service: ServiceName): Replica {
  let next = forkService(service)
  let living: SeparateService | null = null
  let starting: Promise<void> | null = null

  /** Takes it out of service. It will be needed again, so the next process preloads its code at once. */
  const leave = async (end: (one: SeparateService) => Promise<void>) => {
    await starting
    const leaving = living
    if (!leaving) return
    living = null
    next = forkService(service)
    await end(leaving)
  }
  return {
    url: () => living?.url ?? null,
    async start(values, beginning) {
      if (living) return
      starting ??= next
        .start(values, beginning)
        .then((started) => {
          living = started
        })
        .finally(() => {
          starting = null
        })
      await starting
    },
    stop: () => leave((one) => one.stop()),
    kill: () => leave((one) => one.kill()),
    async advanceTo(moment) {
      // Set at once, even while it starts: otherwise it would read the others' messages with its start time.
      await (living ?? next).advanceTo(moment)
      await starting
    },
    rest: async () => (await living?.rest()) ?? true,
    async end(how) {
      await living?.[how]()
      living = null
      await next.kill()
    },
  }
}
