// Admins start with the orders: most questions are about those.

import { redirect } from 'react-router'
import { requireAdmin } from '../api/current-user.server.ts'
import type { Route } from './+types/admin-start.ts'

export async function loader({ context }: Route.LoaderArgs) {
  await requireAdmin(context)
  return redirect('/admin/orders')
}

/** Never shown. It makes this a page, so that a refusal is rendered as one. */
export default function AdminStart() {
  return null
}
