// Brings addresses from before into the form by which accounts are told apart today: the domain in ASCII. PostgreSQL
// has no function for it, so each start does it; the index users_email_not_ascii finds the few. Where two accounts
// would become one, the later stays as it is: it is found by its old form alone.

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
      log.warn(
        { userId: id },
        'there is another account with the same email in another spelling; both stay as they are',
      )
    }
  }
}
