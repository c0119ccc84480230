// A service in its own process, which a test can stop gracefully or kill as by kill -9, and whose time it
// moves.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@aisle/contracts/endpoint'

export type Values = Readonly<Record<string, string | number>>
/** `idsByClock`: ids are created by the clock that the test moves. */
export type Beginning = { now: Date; idsByClock?: boolean }

export type Asked =
  | { do: 'start'; values: Values; now: number; idsByClock: boolean }
  | { do: 'advance'; to: number }
  | { do: 'rest' }
  | { do: 'stop' }
export type Request = Asked & { id: number }
export type Told = { id: number; value: string | boolean } | { id: number; error: string }

export type SeparateService = {
  /** Where it listens. */
  readonly url: string
  /** Moves its clock forward to a moment; resolves when what became due has begun. */
  advanceTo(moment: Date): Promise<void>
  /** Resolves when none of its background jobs is under way; to false if one takes too long. */
  rest(): Promise<boolean>
  /** Stops it gracefully; resolves when the process is gone. @throws when it cannot close what it has opened */
  stop(): Promise<void>
  /** As by kill -9; resolves when the process is gone. */
  kill(): Promise<void>
}

/** A process that has loaded the code of a service, the slow part of a start, and waits for the start command. */
export type LoadedService = Pick<SeparateService, 'advanceTo'> & {
  /** @throws when the service does not start */
  start(values: Values, beginning: Beginning): Promise<SeparateService>
  kill(): Promise<void>
}

/** Compiled code, shared by all processes of all runs. */
export const compileCache = fileURLToPath(new URL('../node_modules/.cache/aisle-tests', import.meta.url))

export function forkService(service: ServiceName): LoadedService {
  const child = fork(fileURLToPath(new URL('service-process.ts', import.meta.url)), [service], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Not those of the test runner.
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  const { ask, kill } = connect(child)
  // A process killed meanwhile no longer has a time.
  const advanceTo = async (moment: Date) => void (await ask({ do: 'advance', to: moment.getTime() }).catch(() => {}))
  return {
    advanceTo,
    async start(values, { now, idsByClock = false }) {
      const url = await ask({ do: 'start', values, now: now.getTime(), idsByClock })
      return {
        url: String(url),
        advanceTo,
        rest: async () => (await ask({ do: 'rest' }).catch(() => true)) === true,
        async stop() {
          await ask({ do: 'stop' })
          await kill()
        },
        kill,
      }
    },
    kill,
  }
}

function connect(child: ChildProcess) {
  const waiting = new Map<number, PromiseWithResolvers<string | boolean>>()
  let last = 0
  let gone = false
  child.on('message', (told: Told) => {
    const asked = waiting.get(told.id)
    waiting.delete(told.id)
    if ('error' in told) asked?.reject(new Error(told.error))
    else asked?.resolve(told.value)
  })
  child.on('exit', () => {
    gone = true
    for (const asked of waiting.values()) asked.reject(new Error('The process has ended.'))
    waiting.clear()
  })
  // A message to a process that is being killed may fail; the exit handler above deals with its end.
  child.on('error', () => {})
  return {
    ask(asked: Asked): Promise<string | boolean> {
      if (gone) return Promise.reject(new Error('The process has ended.'))
      const id = ++last
      const answer = Promise.withResolvers<string | boolean>()
      waiting.set(id, answer)
      child.send({ ...asked, id } satisfies Request, () => {})
      return answer.promise
    },
    async kill() {
      if (gone) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
