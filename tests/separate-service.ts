// A service in a process of its own, which a test can kill as by kill -9, and whose time it moves.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@aisle/contracts/endpoint'

export type Asked =
  | { do: 'start'; service: ServiceName; values: Record<string, string | number>; now: number }
  | { do: 'advance'; to: number }
  | { do: 'rest' }
export type Request = Asked & { id: number }
export type Told = { id: number; value: string | boolean } | { id: number; error: string }

export type SeparateService = {
  /** Where it listens. */
  readonly url: string
  /** Moves its clock forward to a moment; resolves when what became due has begun. */
  advanceTo(moment: Date): Promise<void>
  /** Resolves when none of its background jobs is under way; to false when one takes too long. */
  rest(): Promise<boolean>
  /** As by kill -9; resolves when the process is gone. */
  kill(): Promise<void>
}

/** A process that can become any service: its code is loaded, which is what takes time at a start. */
export type Spare = {
  /** @throws when the service does not start */
  become(service: ServiceName, values: Record<string, string | number>, now: Date): Promise<SeparateService>
  kill(): Promise<void>
}

export function forkSpare(): Spare {
  const child = fork(fileURLToPath(new URL('service-process.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { ask, kill } = connect(child)
  return {
    async become(service, values, now) {
      const url = await ask({ do: 'start', service, values, now: now.getTime() })
      return {
        url: String(url),
        // Who is killed meanwhile has no time any more.
        advanceTo: async (moment) => void (await ask({ do: 'advance', to: moment.getTime() }).catch(() => {})),
        rest: async () => (await ask({ do: 'rest' }).catch(() => true)) === true,
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
  // A message to a process that is being killed may fail; its end is heard of above.
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
