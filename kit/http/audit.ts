// What was done, and by whom: rows that are written with the fact itself, and a line of the log. What an admin reads,
// and what has no transaction, is written before the answer.
//
// Refusals come by the thousand when somebody tries. They are counted in memory and written every second, equal ones as
// one row, and no more than `rowsAMinute` rows in the long run: what is beyond is counted by its code alone. A process
// that is killed loses the refusals of its last second.

import type { AuditAction } from '@aisle/contracts/entities'
import type { Sql, Tx } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Client } from './route.ts'
import type { Session } from './session.ts'

/** Who asks: any request. */
export type Asker = { readonly session: Session | null; readonly client: Pick<Client, 'address'> }

export type Deed = {
  readonly action: AuditAction
  /** Id of what it was done to. */
  readonly subject?: string | null | undefined
  /** `done`, unless it was refused: then the code. */
  readonly outcome?: string
  /** A few words without an email, a name or a secret. */
  readonly detail?: string | null | undefined
  /** Who did it, where that is not who asks: a sign-in begins without a session. */
  readonly actor?: string
  readonly sessionId?: string
}

export type Audit = {
  /** Writes a deed in the transaction of its fact. */
  write(tx: Tx, asker: Asker, deed: Deed): void
  /** Writes a deed that has no transaction, such as what an admin reads. */
  note(asker: Asker, deed: Deed): Promise<void>
  /** Counts a refusal; it is written within seconds. */
  count(asker: Asker, deed: Deed): void
  /** Writes what was counted; resolves to the milliseconds until the next time. */
  flush(): Promise<number>
}

type Row = {
  readonly at: Date
  readonly actor: string | null
  readonly session: string | null
  readonly address: string | null
  readonly action: AuditAction
  readonly subject: string | null
  readonly outcome: string
  readonly detail: string | null
  times: number
}

const flushEveryMs = 1_000
const rowsAMinute = 60
const rowsAtOnce = 300
/** Kinds of refusals that are told apart between two writes. */
const mostKinds = 2_000
export const auditKeptDays = 90

export function createAudit(options: { sql: Sql; now: () => Date; log: Log }): Audit {
  const { sql, now, log } = options
  let counted = new Map<string, Row>()
  // A bucket of rows that may be written: full at the start, and filled again as time passes.
  let allowance = rowsAtOnce
  let filledAt = performance.now()

  const rowOf = (asker: Asker, deed: Deed): Row => ({
    at: now(),
    actor: deed.actor ?? asker.session?.userId ?? null,
    session: deed.sessionId ?? asker.session?.id ?? null,
    address: asker.client.address,
    action: deed.action,
    subject: deed.subject ?? null,
    outcome: deed.outcome ?? 'done',
    detail: deed.detail ?? null,
    times: 1,
  })
  const tell = ({ at: _, ...row }: Row) => log.info({ audit: row }, 'audit')
  const count = (row: Row) => {
    const key = JSON.stringify([row.actor, row.session, row.address, row.action, row.subject, row.outcome, row.detail])
    const same = counted.get(key)
    if (same) same.times += row.times
    else counted.set(key, row)
  }
  const withoutOrigin = (row: Row): Row => ({
    ...row,
    actor: null,
    session: null,
    address: null,
    subject: null,
    detail: 'many, of different origin',
  })

  return {
    write(tx, asker, deed) {
      const row = rowOf(asker, deed)
      tx.send(insert(tx.sql, [row]))
      tx.afterCommit(() => tell(row))
    },
    async note(asker, deed) {
      const row = rowOf(asker, deed)
      await insert(sql, [row])
      tell(row)
    },
    count(asker, deed) {
      const row = rowOf(asker, deed)
      count(counted.size < mostKinds ? row : withoutOrigin(row))
    },
    async flush() {
      const time = performance.now()
      allowance = Math.min(rowsAtOnce, allowance + ((time - filledAt) / 60_000) * rowsAMinute)
      filledAt = time
      const mostRows = Math.floor(allowance)
      // The most frequent ones say most; the others are put together by what they are, and wait.
      const rows = [...counted.values()].sort((a, b) => b.times - a.times)
      counted = new Map()
      for (const row of rows.splice(mostRows)) count(withoutOrigin(row))
      if (rows.length === 0) return flushEveryMs
      try {
        await insert(sql, rows)
      } catch (error) {
        for (const row of rows) count(row)
        throw error
      }
      allowance -= rows.length
      for (const row of rows) tell(row)
      return flushEveryMs
    },
  }
}

const insert = (sql: Sql, rows: readonly Row[]) =>
  sql`
    insert into audit (at, actor, session, address, action, subject, outcome, detail, times)
    select * from unnest(
      ${rows.map(({ at }) => at.toISOString())}::timestamptz[], ${rows.map(({ actor }) => actor)}::uuid[],
      ${rows.map(({ session }) => session)}::uuid[], ${rows.map(({ address }) => address)}::text[],
      ${rows.map(({ action }) => action)}::text[], ${rows.map(({ subject }) => subject)}::text[],
      ${rows.map(({ outcome }) => outcome)}::text[], ${rows.map(({ detail }) => detail)}::text[],
      ${rows.map(({ times }) => times)}::int[])`
