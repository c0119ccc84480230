// Converts older addresses to the form that identifies an account today: the domain in ASCII. PostgreSQL has no
// function for this, so it runs at every start; the index users_email_not_ascii finds the few affected rows. If
// two accounts would become one, the later account keeps its old form and is found only by that form.

import { violates } from '@aisle/kit/db/database'
import type { StartingAuth } from './context.ts'
import { normalizeEmail } from './user.ts'

export async function normalizeEmails({ db, log }: StartingAuth): Promise<void> {
  const rows = await db.sql<{ id: string; emailNormalized: string }[]>`
    select id, email_normalized from users
    where octet_length(email_normalized) <> char_length(email_normalized) order by id`
  for (const { id, emailNormalized } of rows) {
    const wanted = normalizeEmail(emailNormalized)
    if (wanted === emailNormalized) continue
    try {
      await db.sql`update users set email_normalized = ${wanted} where id = ${id}`
    } catch (error) {
      if (!violates(error, 'users_email_normalized_key')) throw error
      log.warn({ userId: id }, 'another account has the same email in another spelling; both are kept as they are')
    }
  }
}
