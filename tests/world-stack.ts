// The marketplace of a world: everything in one process or, with TEST_STACK=distributed, two processes of each
// program.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { freePort } from '@aisle/dev/free-port'
import { type StackOptions, services, startStack } from '@aisle/dev/stack'
import { jobsByClock, type TestClock, testClock, untilAtRest } from '@aisle/kit/testing/test-clock'
import { startSeparateStack } from './separate-stack.ts'

/**
 * The values of TEST_STACK: all in one process, over each other's outboxes or a broker, or several processes of
 * each program, over a broker.
 */
export const stackKinds = ['single', 'nats', 'distributed'] as const
export type StackKind = (typeof stackKinds)[number]

export const replicasOfEach = 2

/** Every service uses it, in any process. */
export type WorldClock = {
  now(): Date
  /** Moves time everywhere; resolves when what became due has begun. */
  advance(ms: number): Promise<void>
  /** Sets the time ahead or back, like a wrong clock. Only if everything is one process. */
  jump?(ms: number): void
}

export type WorldStack = {
  /** The public URL. */
  readonly url: string
  readonly sandboxUrl: string
  readonly clock: WorldClock
  /** Where each replica of a service listens. */
  origins(service: ServiceName): readonly string[]
  /** Stops a service gracefully, all of its replicas, to see what the others do without it. */
  stopService(service: ServiceName): Promise<void>
  startService(service: ServiceName): Promise<void>
  /** Waits until no background job that time has woken is under way; resolves to false if one takes too long. */
  rest(): Promise<boolean>
  stop(): Promise<void>
}

type WorldStackOptions = Pick<StackOptions, 'databaseUrl' | 'keys' | 'bus' | 'config' | 'web' | 'log'>

export async function openStack(kind: StackKind, options: WorldStackOptions): Promise<WorldStack> {
  const clock = testClock()
  return kind === 'distributed' ? openDistributed(options, clock) : openSingle(options, clock)
}

async function openSingle(options: WorldStackOptions, clock: TestClock): Promise<WorldStack> {
  const stack = await startStack({
    ...options,
    // The provider sends buyers back to a URL that is fixed before the front door listens.
    port: options.web ? await freePort() : 0,
    sandboxDir: ':memory:',
    clock,
  })
  const alive = new Set(services)
  const serviceOf = (name: ServiceName) => services.find((service) => service.name === name)!
  return {
    ...stack,
    async stopService(name) {
      alive.delete(serviceOf(name))
      await stack.stopService(name)
    },
    async startService(name) {
      await stack.startService(name)
      alive.add(serviceOf(name))
    },
    rest() {
      const jobs = [...alive].reduce((sum, service) => sum + jobsByClock(service), 0)
      return untilAtRest(clock, jobs)
    },
    sandboxUrl: stack.addresses.sandbox,
    clock: { now: clock.now, advance: async (ms) => clock.advance(ms), jump: clock.jump },
    origins: (service) => [stack.addresses[service]],
  }
}

async function openDistributed(options: WorldStackOptions, clock: TestClock): Promise<WorldStack> {
  const stack = await startSeparateStack({ ...options, replicas: replicasOfEach, now: clock.now })
  return {
    ...stack,
    clock: {
      now: clock.now,
      async advance(ms) {
        clock.advance(ms)
        await stack.advanceTo(clock.now())
      },
    },
    stop: () => stack.end('stop'),
  }
}
