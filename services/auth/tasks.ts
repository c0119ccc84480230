// What an operator does to an account, in auth's database: `npm run accounts -- confirm mara@aisle.test` on this
// machine, `node services/auth/main.ts confirm mara@aisle.test` elsewhere; likewise `make-admin`, `remove-factors`
// and `erase`. The service need not run.

import type { AuditAction } from '@aisle/contracts/entities'
import type { Task } from '@aisle/kit/boot/service'
import { ConfigError } from '@aisle/kit/config'
import type { Tx } from '@aisle/kit/db/database'
import { confirmUser } from './confirmation.ts'
import { askForErasure } from './erasures.ts'
import { removeFactors as removeAll } from './factors.ts'
import { findUserByEmail, lockUser } from './queries.ts'
import type { UserRow } from './user.ts'

/** Confirms the address of an account without a link: the operator knows that it is its owner's. */
const confirm: Task = (db, [email]) =>
  db.tx(async (tx) => {
    const user = await lockByEmail(tx, email)
    if (user.emailConfirmedAt) return `The address of account ${user.id} is confirmed already.`
    if (!(await confirmUser(tx, user, new Date()))) throw new ConfigError('Another account has confirmed this address.')
    return `The address of account ${user.id} is confirmed.`
  })

/** Makes an existing account an admin. Its address must be confirmed: else it may be a stranger's. */
const makeAdmin: Task = (db, [email]) =>
  db.tx(async (tx) => {
    const user = await lockByEmail(tx, email)
    if (user.role === 'admin') return `Account ${user.id} is an admin already.`
    if (!user.emailConfirmedAt)
      throw new ConfigError(
        'The address of this account is not confirmed, so it may be a stranger’s. Confirm it first.',
      )
    if (user.bannedAt) throw new ConfigError('This account is banned.')
    const now = new Date()
    await tx.sql`update users set role = 'admin', version = version + 1, updated_at = ${now} where id = ${user.id}`
    await writeDeed(tx, 'admin-made', user.id, now)
    return `Account ${user.id} is an admin from its next sign-in on.`
  })

/** Removes every second factor: for a person who has lost them all, and has shown the operator who they are. */
const removeFactors: Task = (db, [email]) =>
  db.tx(async (tx) => {
    const user = await lockByEmail(tx, email)
    const now = new Date()
    if (!(await removeAll(tx, user, now))) return `Account ${user.id} has no second factor.`
    await writeDeed(tx, 'factors-removed', user.id, now)
    return `The password of account ${user.id} alone signs in again.`
  })

async function writeDeed({ sql }: Tx, action: AuditAction, subject: string, now: Date): Promise<void> {
  await sql`
    insert into audit (at, action, subject, outcome, detail)
    values (${now}, ${action}, ${subject}, 'done', 'by an operator')`
}

/** Asks for the erasure of an account, by its address or its id, as its user could. */
const erase: Task = (db, [who]) =>
  db.tx(async (tx) => {
    const user = isId.test(who ?? '') ? await lockUser(tx.sql, who!) : await lockByEmail(tx, who)
    if (!user) throw new ConfigError('There is no account with this id.')
    if (user.role === 'admin') throw new ConfigError('The account of an admin cannot be erased.')
    if (user.bannedAt)
      throw new ConfigError('This account is banned, and its erasure would end the ban. Lift it first.')
    const now = new Date()
    await askForErasure(tx, user, 'operator', now)
    await tx.sql`
      insert into audit (at, action, subject, outcome, detail)
      values (${now}, 'erasure', ${user.id}, 'asked', 'by an operator')`
    return `Account ${user.id} is erased as soon as the services have agreed; the audit log has the outcome.`
  })

const isId = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/

async function lockByEmail(tx: Tx, email: string | undefined): Promise<UserRow> {
  if (!email) throw new ConfigError('Name the address of the account.')
  const found = await findUserByEmail(tx.sql, email)
  const user = found && (await lockUser(tx.sql, found.id))
  if (!user) throw new ConfigError('There is no account with this address.')
  return user
}

export const tasks = { confirm, 'make-admin': makeAdmin, 'remove-factors': removeFactors, erase }
