// notices: what each user has.

import { endpoint } from '../endpoint.ts'
import { Id, Timestamp, Type } from '../schema.ts'

export const myNotices = endpoint({
  method: 'GET',
  path: '/api/notices',
  summary: 'Your notices, newest first',
  who: 'user',
  success: { status: 200, body: Type.Array(Type.Object({ id: Id, text: Type.String(), createdAt: Timestamp })) },
  refusals: [],
})
