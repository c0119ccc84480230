// Leads from an order's number, as someone has typed it, to its page. Whoever may not see the order learns nothing:
// for them there is no such page.

import { browseOrders, myOrders } from '@aisle/contracts/api/orders'
import { redirect } from 'react-router'
import { readApi, refusalPage } from './call-api.server.ts'
import { audienceOf } from './current-user.server.ts'
import type { Context } from './visit.server.ts'

export async function findOrder(context: Context, number: string): Promise<Response> {
  const query = { number }
  const { body: own } = await readApi(context, myOrders, { query })
  if (own[0]) return redirect(`/orders/${own[0].id}`)
  if ((await audienceOf(context)) === 'admin') {
    const { body: found } = await readApi(context, browseOrders, { query })
    if (found[0]) return redirect(`/admin/orders/${found[0].id}`)
  }
  throw refusalPage(context, { status: 404, problem: { code: 'not-found' } })
}
