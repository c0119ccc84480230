// Admins begin with the orders: that is where questions come from.

import { redirect } from 'react-router'
import { requireAdmin } from '../api/current-user.server.ts'
import type { Route } from './+types/admin-start.ts'

export async function loader({ context }: Route.LoaderArgs) {
  await requireAdmin(context)
  return redirect('/admin/orders')
}

/** Never shown; it makes this a page, so that a refusal is drawn as one. */
export default function AdminStart() {
  return null
}
