// One place among the replicas of a service: a process that lives, or one that has been loaded to take its place.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { type Beginning, forkService, type SeparateService, type Values } from './separate-service.ts'

export type Replica = {
  /** Where it listens, while it lives. */
  url(): string | null
  /** Starts it unless it lives; resolves when it listens. @throws when it does not start */
  start(values: Values, beginning: Beginning): Promise<void>
  /** Sends it no more requests, then stops it in order. */
  stop(): Promise<void>
  /** As by kill -9, once it has started. */
  kill(): Promise<void>
  /** Tells it the time, also when it is only starting. */
  advanceTo(moment: Date): Promise<void>
  rest(): Promise<boolean>
  /** For good: `stop` or `kill`, and nothing takes its place. */
  end(how: 'stop' | 'kill'): Promise<void>
}

export function openReplica(service: ServiceName): Replica {
  let next = forkService(service)
  let living: SeparateService | null = null
  let starting: Promise<void> | null = null

  /** Takes it out; who is gone will be wanted again, so the next process loads its code at once. */
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
      // Told at once while it starts: it would otherwise read the messages of the others with the time of its beginning.
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
