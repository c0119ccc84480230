// Which replicas of a program answer: each is asked twice a second. One that says it is not ready gets no requests, nor does one that has not answered
// three times in a row, as by the probes of a cluster: one that is only slow for a moment may be the last there is.

import { setTimeout as sleep } from 'node:timers/promises'

const lookEveryMs = 500
const patienceMs = 1_000
const mostSilent = 3

export type Replicas = {
  /** Those that are ready, another one first each time. One that is not gets nothing, as behind the load balancer of a cluster. */
  origins(): readonly string[]
  /** Sends no more requests to one, such as before it is stopped; until it is put back. */
  takeOut(origin: string): void
  /** To be called when it is ready, so that it gets requests from now on and not from the next look on: the next may be stopped by then. */
  putBack(origin: string): void
  stop(): void
}

/** What `list` gives, another one first each time. */
export function inTurn<T>(list: () => readonly T[]): () => readonly T[] {
  let turn = 0
  return () => {
    const all = list()
    turn = (turn + 1) % Math.max(1, all.length)
    return [...all.slice(turn), ...all.slice(0, turn)]
  }
}

/** `path` is what a replica that is ready answers with 200. */
export function watchReplicas(origins: readonly string[], path = '/readyz'): Replicas {
  const ready = new Set(origins)
  const out = new Set<string>()
  /** How many times in a row it has not answered. */
  const silent = new Map<string, number>()
  const looking = new AbortController()
  for (const origin of origins) void watch(origin)
  return {
    origins: inTurn(() => origins.filter((origin) => ready.has(origin) && !out.has(origin))),
    takeOut: (origin) => void out.add(origin),
    putBack(origin) {
      out.delete(origin)
      ready.add(origin)
      silent.delete(origin)
    },
    stop() {
      looking.abort()
    },
  }

  async function watch(origin: string): Promise<void> {
    while (!looking.signal.aborted) {
      const isReady = await fetch(`${origin}${path}`, { signal: AbortSignal.timeout(patienceMs) }).then(
        async (answer) => {
          await answer.arrayBuffer()
          return answer.ok
        },
        () => null,
      )
      const times = isReady === null ? (silent.get(origin) ?? 0) + 1 : 0
      silent.set(origin, times)
      if (isReady) ready.add(origin)
      else if (isReady === false || times >= mostSilent) ready.delete(origin)
      await sleep(lookEveryMs, undefined, { signal: looking.signal }).catch(() => {})
    }
  }
}
