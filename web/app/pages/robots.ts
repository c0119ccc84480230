// What crawlers may read: everything that is visible when signed out.

import { visitOf } from '../api/visit.server.ts'
import type { Route } from './+types/robots.ts'

export function loader({ context }: Route.LoaderArgs): Response {
  const closed = ['/api/', '/orders/', '/my-tickets', '/account', '/sell', '/admin', '/sign-', '/language']
  const lines = [
    'User-agent: *',
    ...closed.map((path) => `Disallow: ${path}`),
    '',
    `Sitemap: ${visitOf(context).publicUrl}/sitemap.xml`,
    '',
  ]
  return new Response(lines.join('\n'), {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=3600' },
  })
}
