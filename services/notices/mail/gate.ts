// Lets at most so many mails be sent at a time. When one is done, the most important of those that wait goes next.

import { type Importance, importances } from '../kinds.ts'

export type Gate = {
  /** Runs `send` when it is its turn. */
  pass<T>(importance: Importance, send: () => Promise<T>): Promise<T>
}

/** `atOnce`: how many run at a time. */
export function createGate(atOnce: number): Gate {
  const waiting = importances.map(() => [] as (() => void)[])
  let free = atOnce

  const leave = () => {
    const next = waiting.find((line) => line.length > 0)?.shift()
    if (next) next()
    else free++
  }
  return {
    async pass(importance, send) {
      if (free > 0) free--
      else await new Promise<void>((go) => waiting[importances.indexOf(importance)]!.push(go))
      try {
        return await send()
      } finally {
        leave()
      }
    },
  }
}
