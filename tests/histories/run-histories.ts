// Runs histories in sequence, in one world as long as it is sound.

import type { TestServer } from '@aisle/kit/testing/databases'
import { type History, runHistory, wrongInAll } from './run-history.ts'
import { openTheatre, type Theatre, type TheatreOptions } from './theatre.ts'

/** Enough that the world's start does not matter, few enough that reading all of it does not either. */
const historiesAWorld = 60

/** Runs the histories of `seeds` and reports each. Faults of a whole world are reported with its last history. */
export async function runHistories(
  server: TestServer,
  seeds: AsyncIterable<number> | Iterable<number>,
  tell: (history: History) => void,
  options: TheatreOptions = {},
): Promise<void> {
  let theatre: Theatre | null = null
  let done = 0
  const close = async () => {
    await theatre?.[Symbol.asyncDispose]()
    theatre = null
    done = 0
  }
  let last: History | null = null
  try {
    for await (const seed of seeds) {
      if (last) tell(last)
      theatre ??= await openTheatre(server, options)
      last = await runHistory(theatre, seed)
      done += 1
      if (last.wrong.length === 0 && done === historiesAWorld) last.wrong.push(...(await wrongInAll(theatre)))
      if (last.wrong.length > 0 || done === historiesAWorld) await close()
    }
    if (theatre && last?.wrong.length === 0) last.wrong.push(...(await wrongInAll(theatre)))
    if (last) tell(last)
  } finally {
    await close()
  }
}
