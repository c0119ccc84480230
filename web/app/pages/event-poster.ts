// The poster as an image, for shared links.

import { showEvent } from '@aisle/contracts/api/events'
import { readApi } from '../api/call-api.server.ts'
import { posterFile } from '../poster.ts'
import type { Route } from './+types/event-poster.ts'

export async function loader({ params, context }: Route.LoaderArgs): Promise<Response> {
  const { body } = await readApi(context, showEvent, { params })
  return new Response(posterFile(body.id, body.kind), {
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' },
  })
}
