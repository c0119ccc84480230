// An admin browses the accounts.

import { browseAccounts as endpoint } from '@aisle/contracts/api/users'
import { cutPage, nextPage, readCursor } from '@aisle/kit/db/keyset'
import { isRefusal } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { normalizeEmail, toAccount, type UserRow } from '../user.ts'

const isId = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/

export const browseAccounts = query(endpoint, async (request, { db: { sql }, audit }: AuthService) => {
  const { query: input } = request
  const { q = '', limit = 20, after } = input
  const cursor = after === undefined ? null : readCursor(after, ['id'])
  if (isRefusal(cursor)) return cursor
  const wanted = normalizeEmail(q)
  // A wildcard character in an email is an ordinary character.
  const prefix = `${wanted.replaceAll(/[\\%_]/g, '\\$&')}%`
  const rows = await sql<UserRow[]>`
    select * from users where true
      ${wanted === '' ? sql`` : isId.test(wanted) ? sql`and id = ${wanted}` : sql`and (email_normalized like ${prefix} or email_claimed like ${prefix})`}
      ${cursor === null ? sql`` : sql`and id < ${cursor[0] as string}`}
    order by id desc limit ${limit + 1}`
  // The search text may be the start of an email address, so the audit note omits it.
  const [subject, detail] = isId.test(wanted) ? [wanted, null] : [null, wanted === '' ? 'list' : 'by email']
  await audit.note(request, { action: 'accounts-read', subject, detail })
  const { shown, cursor: next } = cutPage(rows, limit, ({ id }) => [id])
  return answer(shown.map(toAccount), { headers: nextPage(endpoint.path, input, next) })
})
