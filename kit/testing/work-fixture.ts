// Work for the tests of the worker: mails that are sent somewhere outside, and payments.

import { Type } from 'typebox'
import { afterEach, beforeEach, expect, inject } from 'vitest'
import { type AnyPerformer, perform, queue, type Retry, work } from '../work/work.ts'
import { cloneDatabases, type TestDatabases } from './databases.ts'
import { openWorkStage, type WorkingProcess, type WorkStage } from './work-stage.ts'

export const mails = queue('mails', {
  places: 2,
  firstPauseMs: 1_000,
  longestPauseMs: 8_000,
  giveUpAfterMs: 60_000,
  keptDays: 1,
})
export const Mail = work('mail', Type.Object({ to: Type.String() }), mails)
const money = queue('money', { ...mails, places: 1, giveUpAfterMs: null })
export const Pay = work('pay', Type.Object({}), money)
export const Receipt = work('receipt', Type.Object({}), money)

export type Row = { key: string; status: string; tries: number; error: string | null }

/** For each test: a database, a stage on it, and a world outside in which it is noted what was sent. */
export function workFixture() {
  const fixture = {
    databases: undefined as unknown as TestDatabases,
    stage: undefined as unknown as WorkStage,
    /** What was sent, in the world outside. */
    sent: [] as string[],
    /** Sends mails, with the outcome that `outcome` resolves to. */
    sends: (outcome: () => Promise<Retry | undefined> = async () => undefined): AnyPerformer =>
      perform(Mail, async ({ key, data }) => {
        fixture.sent.push(`${key} to ${data.to}`)
        return outcome()
      }),
  }
  beforeEach(async () => {
    fixture.databases = await cloneDatabases(inject('postgres'), ['alpha'])
    fixture.stage = openWorkStage(fixture.databases.url('alpha'))
    fixture.sent = []
  })
  afterEach(async () => {
    await fixture.stage.close()
    await fixture.databases[Symbol.asyncDispose]()
  })
  return fixture
}

export const ask = ({ db }: WorkingProcess, key = 'm1', to = 'ann') => db.tx((tx) => tx.later(Mail, key, { to }))

export const rows = ({ db }: WorkingProcess): Promise<Row[]> =>
  db.sql<Row[]>`select key, status, tries, error from work order by key`

export const statuses = async (process: WorkingProcess): Promise<string[]> =>
  (await rows(process)).map(({ status }) => status)

/** Sweeps until all work has this status. A sweep starts work and does not wait for it. */
export async function sweepUntil(process: WorkingProcess, status: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await process.worker.sweep()
        return new Set(await statuses(process))
      },
      { timeout: 30_000, interval: 20 },
    )
    .toEqual(new Set([status]))
}

/** A gate that `run` waits at. */
export function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const pass = () => {
    reach()
    return opened
  }
  return { open, reached, pass }
}
