// All that is held about the user, as a file for machines.

import { requireUser } from '../api/current-user.server.ts'
import { loadPersonalData } from '../api/load-personal-data.server.ts'
import type { Route } from './+types/data-file.ts'

export async function loader({ context }: Route.LoaderArgs): Promise<Response> {
  const { id } = await requireUser(context)
  const data = await loadPersonalData(context)
  const madeAt = new Date().toISOString()
  return new Response(JSON.stringify({ madeAt, userId: id, data }, null, 2), {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="aisle-data-${madeAt.slice(0, 10)}.json"`,
      'cache-control': 'no-store',
    },
  })
}
