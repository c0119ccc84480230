// What an operator does to an account, in auth's database: `npm run accounts -- confirm mara@aisle.test` on this
// machine, `node services/auth/main.ts confirm mara@aisle.test` elsewhere; likewise `make-admin`. The service need not
// run.

import type { Task } from '@aisle/kit/boot/service'
import { ConfigError } from '@aisle/kit/config'
import type { Tx } from '@aisle/kit/db/database'
import { confirmUser } from './confirmation.ts'
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
    await tx.sql`
      insert into audit (at, action, subject, outcome, detail)
      values (${now}, 'admin-made', ${user.id}, 'done', 'by an operator')`
    return `Account ${user.id} is an admin from its next sign-in on.`
  })

async function lockByEmail(tx: Tx, email: string | undefined): Promise<UserRow> {
  if (!email) throw new ConfigError('Name the address of the account.')
  const found = await findUserByEmail(tx.sql, email)
  const user = found && (await lockUser(tx.sql, found.id))
  if (!user) throw new ConfigError('There is no account with this address.')
  return user
}

export const tasks = { confirm, 'make-admin': makeAdmin }
