// What an operator does to an account, in auth's database: `npm run accounts -- confirm mara@aisle.test` on this
// machine, `node services/auth/main.ts confirm mara@aisle.test` elsewhere. The service need not run.

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

async function lockByEmail(tx: Tx, email: string | undefined): Promise<UserRow> {
  if (!email) throw new ConfigError('Name the address of the account.')
  const found = await findUserByEmail(tx.sql, email)
  const user = found && (await lockUser(tx.sql, found.id))
  if (!user) throw new ConfigError('There is no account with this address.')
  return user
}

export const tasks = { confirm }
