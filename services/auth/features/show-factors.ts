// The user's second factors.

import { myFactors as endpoint } from '@aisle/contracts/api/users'
import { answer, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { factorsOf } from '../factors.ts'

export const myFactors = query(endpoint, async ({ session }, { db }: AuthService) =>
  answer(await factorsOf(db.sql, session.userId)),
)
