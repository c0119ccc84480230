// The erasure of an account: asked for, answered by the services that know of open orders and money, decided when all
// have answered. All three lock the user, so an answer finds the wish it is about, or one that has replaced it; an
// answer to an earlier wish counts for nothing. Until every service has answered, nothing is erased.

import type { Erasure } from '@aisle/contracts/entities'
import { UserErasureAsked, UserErasureRefused } from '@aisle/contracts/messages/auth'
import type { ErasureReasons } from '@aisle/contracts/messages/erasure'
import type { Sql, Tx } from '@aisle/kit/db/database'
import type { AuthService } from './context.ts'
import { eraseUser } from './erase-user.ts'
import { lockUser } from './queries.ts'
import type { UserRow } from './user.ts'

/** The services that must agree. payments answers after orders, whose answer it waits for. */
const voters = ['orders', 'payments'] as const
export type Voter = (typeof voters)[number]
export type AskedBy = 'user' | 'operator' | 'unused'

type ErasureRow = {
  readonly version: number
  readonly by: AskedBy
  readonly status: Exclude<Erasure['status'], 'none'>
  readonly askedAt: Date
  readonly answers: Partial<Record<Voter, ErasureReasons>>
}

export async function readErasure(sql: Sql, userId: string): Promise<Erasure> {
  const [row] = await sql<ErasureRow[]>`
    select version, by, status, asked_at, answers from erasures where user_id = ${userId}`
  if (!row) return { status: 'none', version: 0, reasons: [] }
  const { version, status, askedAt } = row
  return { status, version, askedAt: askedAt.toISOString(), reasons: status === 'refused' ? reasonsOf(row) : [] }
}

const reasonsOf = ({ answers }: Pick<ErasureRow, 'answers'>) => voters.flatMap((voter) => answers[voter] ?? [])

/** Asks for the erasure of the user, locked by `tx`. A wish that is not decided yet stays as it is. */
export async function askForErasure(tx: Tx, { id }: Pick<UserRow, 'id'>, by: AskedBy, now: Date): Promise<void> {
  const [asked] = await tx.sql<{ version: number }[]>`
    insert into erasures as e (user_id, version, by, status, asked_at, said_at)
    values (${id}, 1, ${by}, 'asked', ${now}, ${now})
    on conflict on constraint erasures_pkey do update set version = e.version + 1, by = excluded.by, status = 'asked',
      asked_at = excluded.asked_at, said_at = excluded.said_at, answers = '{}', decided_at = null
    where e.status = 'refused' returning version`
  if (asked) tx.emit(UserErasureAsked, id, { userId: id, version: asked.version })
}

const unusedMs = 30 * 24 * 60 * 60 * 1000
/** Since when nobody may have used an account that is erased because nobody uses it. */
export const unusedSince = (now: Date): Date => new Date(now.getTime() - unusedMs)

/** Whether nobody has confirmed the address or used the account since it was asked about. */
async function isUnused(sql: Sql, user: UserRow, askedAt: Date): Promise<boolean> {
  const seen = await sql`
    select 1 from sessions where user_id = ${user.id} and seen_at >= ${unusedSince(askedAt)} limit 1`
  return user.emailConfirmedAt === null && seen.length === 0
}

type Answer = { readonly userId: string; readonly version: number; readonly reasons: ErasureReasons }

/** Records the answer of a service, and decides if it is the last one. */
export async function takeAnswer(tx: Tx, voter: Voter, answer: Answer, service: AuthService): Promise<void> {
  const { userId, version, reasons } = answer
  const user = await lockUser(tx.sql, userId)
  if (!user) return
  const [row] = await tx.sql<ErasureRow[]>`
    update erasures set answers = answers || jsonb_build_object(${voter}::text, ${JSON.stringify(reasons)}::text::jsonb)
    where user_id = ${userId} and version = ${version} and status = 'asked' and not answers ? ${voter}
    returning version, by, status, asked_at, answers`
  if (!row || voters.some((one) => !row.answers[one])) return
  const now = service.clock.now()
  // Banned or made an admin meanwhile: the ban would be gone.
  const isWished = row.by !== 'unused' || (await isUnused(tx.sql, user, row.askedAt))
  const mayGo = reasonsOf(row).length === 0 && !user.bannedAt && user.role === 'user' && isWished
  const outcome = mayGo ? 'done' : 'refused'
  tx.send(tx.sql`update erasures set status = ${outcome}, decided_at = ${now} where user_id = ${userId}`)
  tx.send(tx.sql`
    insert into audit (at, action, subject, outcome) values (${now}, 'erasure', ${userId}, ${outcome})`)
  if (outcome === 'refused') tx.emit(UserErasureRefused, userId, { userId, version, by: row.by, at: now.toISOString() })
  else await eraseUser(tx, user, service, now)
}

const askAgainAfterMs = 10 * 60 * 1000
const everyMs = 60 * 1000
const rowsAtOnce = 100

/**
 * Asks again where a service has not answered: one of the previous version took the message, or an answer is a dead
 * letter. What the others have answered counts no longer. Resolves to the milliseconds until the next run.
 */
export async function askAgain({ db, clock }: AuthService): Promise<number> {
  const now = clock.now()
  const before = new Date(now.getTime() - askAgainAfterMs)
  const open = await db.sql<{ userId: string }[]>`
    select user_id from erasures where status = 'asked' and said_at < ${before}
    order by said_at limit ${rowsAtOnce}`
  for (const { userId } of open)
    await db.tx(async (tx) => {
      await lockUser(tx.sql, userId)
      const [asked] = await tx.sql<{ version: number }[]>`
        update erasures set version = version + 1, said_at = ${now}, answers = '{}'
        where user_id = ${userId} and status = 'asked' and said_at < ${before} returning version`
      if (asked) tx.emit(UserErasureAsked, userId, { userId, version: asked.version })
    })
  return open.length === rowsAtOnce ? 1_000 : everyMs
}
