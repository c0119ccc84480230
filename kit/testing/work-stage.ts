// A database with durable work, and processes that do it. A process can be taken for dead: it lets go of its lock, as
// after kill -9. What it still does, it does late.

import { noTracer } from '@aisle/tracing/span'
import { type Database, openDatabase } from '../db/database.ts'
import type { Log } from '../log.ts'
import { createMetrics, type ServiceMetrics } from '../metrics.ts'
import { newId } from '../time/ids.ts'
import { announceLiveness } from '../work/liveness.ts'
import type { AnyPerformer } from '../work/work.ts'
import { createWorkMeters } from '../work/work-meters.ts'
import { createWorker, type Worker } from '../work/worker.ts'
import { type TestClock, testClock } from './test-clock.ts'

export type WorkingProcess = {
  readonly db: Database
  readonly worker: Worker
  readonly metrics: ServiceMetrics
  readonly liveness: { readonly worker: number }
  /** The errors and warnings that it has logged. */
  readonly logged: string[]
  /** Releases its lock, so that the others take it for dead. */
  die(): Promise<void>
  close(): Promise<void>
}

export type WorkStage = {
  readonly clock: TestClock
  /** Opens a process that does this work. It shares its database with the other processes of the stage. */
  open(performers: readonly AnyPerformer[], options?: { url?: string; service?: unknown }): Promise<WorkingProcess>
  close(): Promise<void>
}

/** Sets up a stage on the database at `url`. */
export function openWorkStage(url: string): WorkStage {
  const clock = testClock(new Date('2026-05-01T12:00:00Z'))
  const open: WorkingProcess[] = []
  return {
    clock,
    async open(performers, { url: own = url, service = {} } = {}) {
      let worker: Worker | null = null
      const logged: string[] = []
      const note = (_about: object, text: string) => void logged.push(text)
      const log = { debug() {}, info() {}, warn: note, error: note } as unknown as Log
      const metrics = createMetrics('alpha' as 'auth')
      const db = openDatabase({
        url: own,
        max: 8,
        applicationName: 'stage',
        now: clock.now,
        newId,
        notify: () => {},
        later: (...request) => worker!.later(...request),
      })
      const liveness = await announceLiveness(own, 'stage')
      const meters = createWorkMeters(metrics, performers, db.sql, clock.now)
      worker = createWorker({
        db,
        clock,
        log,
        tracer: noTracer,
        meters,
        liveness,
        performers,
        placesOf: ({ places }) => (typeof places === 'number' ? places : 1),
      })
      worker.serve(service)
      let isAlive = true
      const process: WorkingProcess = {
        db,
        worker,
        metrics,
        liveness,
        logged,
        async die() {
          isAlive = false
          await liveness.close()
        },
        async close() {
          if (isAlive) await liveness.close()
          await db.close()
        },
      }
      open.push(process)
      return process
    },
    async close() {
      for (const process of open) await process.close()
    },
  }
}
