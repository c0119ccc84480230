// The audit log: who did what. An entry is written in the transaction of the fact, and logged. Reads by admins and
// whatever else has no transaction are recorded before the answer.
//
// An attack causes thousands of refusals. They are counted in memory and written every second, equal ones as one
// row, and at most `rowsAMinute` rows per minute in the long run; the rest is counted by its code alone. A killed
// process loses the refusals of its last second.

import type { AuditAction } from '@aisle/contracts/entities'
import type { Sql, Tx } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Client } from './route.ts'
import type { Session } from './session.ts'

/** The caller of any request. */
export type Asker = { readonly session: Session | null; readonly client: Pick<Client, 'address'> }

/** An entry of the audit log. */
export type Deed = {
  readonly action: AuditAction
  /** Id of what was affected. */
  readonly subject?: string | null | undefined
  /** `done`, or the code of the refusal. */
  readonly outcome?: string
  /** Some words without an email, a name or a secret. */
  readonly detail?: string | null | undefined
  /** The user who acted, where the session does not tell: a sign-in begins without one. */
  readonly actor?: string
  readonly sessionId?: string
}

export type Audit = {
  /** Records an entry in the transaction of its fact. */
  write(tx: Tx, asker: Asker, deed: Deed): void
  /** Records an entry that has no transaction, such as a read by an admin. */
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
/** Limit on the kinds of refusals that are distinguished between two writes. */
const mostKinds = 2_000
/** How long the entries are kept. */
export const auditKeptDays = 90

/** The audit log of the database behind `sql`. Call `flush` about every second, and once at the end. */
export function createAudit(options: { sql: Sql; now: () => Date; log: Log }): Audit {
  const { sql, now, log } = options
  let counted = new Map<string, Row>()
  // A token bucket of rows: full at the start, and refilled as time passes.
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
      // The most frequent kinds are the most telling; the others are merged without their origin, and wait.
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
