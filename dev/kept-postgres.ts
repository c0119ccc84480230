// A PostgreSQL server that is restarted when it ends, at the same port and the same socket, so that every URL stays
// valid.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@aisle/kit/log'
import { ensureDatabases } from './databases.ts'
import { type EmbeddedPostgres, startPostgres } from './postgres.ts'
import { bringBack, keepPast, type Past } from './postgres-past.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000

export type KeptPostgres = {
  /** URL of a database for a role; by default for the role of the service that owns it. */
  url(database: string, role?: string): string
  /** Directory of the Unix socket. */
  readonly socketDir: string
  /** Sends a signal like `kill` to its first process. */
  signal(name: NodeJS.Signals): Promise<void>
  /** Saves its present state. */
  keep(): Promise<void>
  /** Ends it and restarts it in the saved state, like an asynchronous failover or a point-in-time recovery. */
  goBack(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

/**
 * Starts a server with these databases, one role each.
 * @throws like `startPostgres` when it cannot be started the first time
 */
export async function keepPostgres(dataDir: string, databases: readonly string[], log: Log): Promise<KeptPostgres> {
  const say = (line: string) => log.debug({ postgres: line })
  let pg = await startPostgres({ dataDir, log: say })
  const { port, socketDir } = pg
  let past: Past | null = null
  let isGoingBack = false
  const ending = Promise.withResolvers<void>()
  let wanted = true
  await ensureDatabases(pg, databases).catch(async (error: unknown) => {
    await pg.stop()
    throw error
  })
  const watching = watch()

  async function watch(): Promise<void> {
    for (let error = await pg.ended; wanted; error = await pg.ended) {
      log.warn({ err: error, databases }, 'a PostgreSQL server ended; restarting it')
      await pg.stop()
      if (past && isGoingBack) await bringBack(past)
      isGoingBack = false
      pg = (await startAgain()) ?? pg
    }
  }

  /** Null when it is not wanted any more. */
  async function startAgain(): Promise<EmbeddedPostgres | null> {
    for (let pauseMs = firstPauseMs; wanted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await startPostgres({ dataDir, port, socketDir, log: say })
      } catch (error) {
        log.warn({ err: error, databases }, 'could not start a PostgreSQL server; retrying')
        await Promise.race([sleep(pauseMs, undefined, { ref: false }), ending.promise])
      }
    }
    return null
  }

  const signal = async (name: NodeJS.Signals) => {
    const pid = Number.parseInt(await readFile(join(dataDir, 'cluster/postmaster.pid'), 'utf8'), 10)
    process.kill(pid, name)
  }
  return {
    url: (database, role = database) => pg.url(database, role),
    socketDir,
    signal,
    async keep() {
      past = await keepPast(dataDir)
    },
    async goBack() {
      isGoingBack = past !== null
      await signal('SIGKILL')
    },
    async stop() {
      wanted = false
      ending.resolve()
      await pg.stop()
      await watching
      // A server that was being started meanwhile.
      await pg.stop()
    },
  }
}
