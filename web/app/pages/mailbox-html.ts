// The HTML of a mail, for the frame of its page. Links open outside the frame; nothing in it may run.

import { mailboxMail } from '@aisle/contracts/api/notices'
import { readApi } from '../api/call-api.server.ts'
import type { Route } from './+types/mailbox-html.ts'

export async function loader({ params, context }: Route.LoaderArgs): Promise<Response> {
  const { body } = await readApi(context, mailboxMail, { params })
  const html = body.html.replace('<head>', '<head><base target="_blank">')
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
}
