// Seals again, under the first of FACTOR_SECRETS, what was sealed under another one: then that one can be taken out. A
// row that cannot be opened is reported and stays as it is.

import type { Sql } from '@aisle/kit/db/database'
import type { StartingAuth } from './context.ts'
import type { FactorSecrets } from './factor-secrets.ts'

const rowsAtOnce = 500
const columns = ['secret', 'offered_secret'] as const

export async function resealSecrets({ db, log }: StartingAuth, secrets: FactorSecrets): Promise<void> {
  for (const column of columns) {
    for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
      const rows = await read(db.sql, column, after)
      for (const { userId, sealed } of rows.filter((row) => !secrets.isCurrent(row.sealed))) {
        try {
          const resealed = await secrets.seal(userId, await secrets.open(userId, sealed))
          // Unless it has been replaced or removed meanwhile.
          await db.sql`
            update authenticators set ${db.sql(column)} = ${resealed}
            where user_id = ${userId} and ${db.sql(column)} = ${sealed}`
        } catch (error) {
          log.error({ err: error, userId }, 'the secret of an authenticator cannot be decrypted')
        }
      }
      if (rows.length < rowsAtOnce) break
      after = rows.at(-1)!.userId
    }
  }
}

const read = (sql: Sql, column: (typeof columns)[number], after: string) => sql<{ userId: string; sealed: string }[]>`
  select user_id, ${sql(column)} as sealed from authenticators
  where user_id > ${after} and ${sql(column)} is not null order by user_id limit ${rowsAtOnce}`
