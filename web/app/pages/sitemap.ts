// The next thousand events, for crawlers.

import { browseEvents } from '@aisle/contracts/api/events'
import type { Event } from '@aisle/contracts/entities'
import { sitePageNames } from '../../server/visit.ts'
import { readApi } from '../api/call-api.server.ts'
import { visitOf } from '../api/visit.server.ts'
import type { Route } from './+types/sitemap.ts'

const pages = 10
const eventsPerPage = 100

const entry = (url: string, changed?: string) =>
  `  <url><loc>${url}</loc>${changed ? `<lastmod>${changed}</lastmod>` : ''}</url>`

export async function loader({ context }: Route.LoaderArgs): Promise<Response> {
  const { publicUrl } = visitOf(context)
  const events: Event[] = []
  let after: string | null = null
  for (let page = 0; page < pages; page++) {
    const answer: { body: Event[]; next: string | null } = await readApi(context, browseEvents, {
      query: { limit: eventsPerPage, ...(after ? { after } : {}) },
    })
    events.push(...answer.body)
    after = answer.next
    if (!after) break
  }
  const urls = [
    ...['/', '/tickets', ...sitePageNames.map((name) => `/${name}`)].map((path) => entry(`${publicUrl}${path}`)),
    ...events.map(({ id, updatedAt }) => entry(`${publicUrl}/events/${id}`, updatedAt)),
  ]
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${urls.join('\n')}
</urlset>
`
  return new Response(body, {
    headers: { 'content-type': 'application/xml; charset=utf-8', 'cache-control': 'public, max-age=600' },
  })
}
