// Which replicas of a program answer: each is checked twice a second. A replica that reports that it is not ready
// gets no requests, nor does one that has not answered three checks in a row, like with the probes of a cluster: a
// replica that is only slow for a moment may be the last there is.

import { setTimeout as sleep } from 'node:timers/promises'

const lookEveryMs = 500
const patienceMs = 1_000
const mostSilent = 3

export type Replicas = {
  /**
   * The replicas that are ready, a different one first each time. Others get no requests, like behind the load
   * balancer of a cluster.
   */
  origins(): readonly string[]
  /** Sends no more requests to a replica until it is put back, for instance before it is stopped. */
  takeOut(origin: string): void
  /**
   * Call it when the replica is ready, so that it gets requests at once and not only after its next check: the next
   * replica may be stopped by then.
   */
  putBack(origin: string): void
  stop(): void
}

/** The result of `list`, a different element first each time. */
export function inTurn<T>(list: () => readonly T[]): () => readonly T[] {
  let turn = 0
  return () => {
    const all = list()
    turn = (turn + 1) % Math.max(1, all.length)
    return [...all.slice(turn), ...all.slice(0, turn)]
  }
}

/** Checks the replicas at `origins` until `stop`. `path` is what a ready replica answers with 200. */
export function watchReplicas(origins: readonly string[], path = '/readyz'): Replicas {
  const ready = new Set(origins)
  const out = new Set<string>()
  /** How many checks in a row a replica has not answered. */
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
