// The first admin comes from the configuration. The account is created at start, before anyone can reach the
// service and claim the address.
//
// An existing account becomes an admin only if its password is ADMIN_PASSWORD: this proves that the operator
// owns the account, not someone who signed up with the address first. Once the account is an admin, neither key
// is read again.

import { UserCreated } from '@aisle/contracts/messages/auth'
import { ConfigError } from '@aisle/kit/config'
import type { StartingAuth } from './context.ts'
import type { Passwords } from './passwords.ts'
import { findUserByEmail, insertUser } from './queries.ts'
import { toState } from './user.ts'
import type { IsWeak } from './weak-passwords.ts'

export async function ensureAdmin(service: StartingAuth, passwords: Passwords, isWeak: IsWeak): Promise<void> {
  const { config, db, newId, clock, log } = service
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config
  if (email === undefined && password === undefined) return
  if (email === undefined || password === undefined)
    throw new ConfigError('ADMIN_EMAIL and ADMIN_PASSWORD make an admin only together; set both or neither.')
  if (config.ENVIRONMENT === 'production' && isWeak(password, { email }))
    throw new ConfigError(
      'ADMIN_PASSWORD is easy to guess: it is a common password, or made of words of the site or of ADMIN_EMAIL. Choose another.',
    )

  const found = (await findUserByEmail(db.sql, email)) ?? (await create())
  if (found.role === 'admin') return
  if (!(await passwords.verify(found.passwordHash, password)).isRight)
    throw new ConfigError(
      'There is an account with ADMIN_EMAIL that is no admin and has another password than ADMIN_PASSWORD. Choose another address, or set ADMIN_PASSWORD to that of the account.',
    )
  await db.sql`
    update users set role = 'admin', version = version + 1, updated_at = ${clock.now()},
      email_confirmed_at = coalesce(email_confirmed_at, ${clock.now()})
    where id = ${found.id} and role <> 'admin'`
  log.warn({ userId: found.id }, 'the account of ADMIN_EMAIL was made an admin')

  async function create() {
    const passwordHash = await passwords.hash(password!)
    return db.tx(async (tx) => {
      const now = clock.now()
      // The operator vouches for the address.
      const made = { id: newId(), email: email!, role: 'admin', passwordHash, emailConfirmedAt: now, now } as const
      const user = await insertUser(tx.sql, made)
      // Another replica that started at the same time inserted it first.
      if (!user) return (await findUserByEmail(tx.sql, email!))!
      tx.emit(UserCreated, user.id, toState(user))
      return user
    })
  }
}
