// The development mailbox: everybody on the machine may read it. With a real mail server there is none.

import { mailbox as listEndpoint, mailboxMail as showEndpoint } from '@aisle/contracts/api/notices'
import { refuse } from '@aisle/kit/errors'
import { answer, query } from '@aisle/kit/http/route'
import type { NoticesService } from '../context.ts'

const shownAtOnce = 100

type Row = { id: string; recipient: string; subject: string; at: Date }
type Attachment = { filename: string; contentType: string; content: string }
type Mail = Row & { headers: Record<string, string>; html: string; plain: string; attachments: Attachment[] }

const isThere = ({ config }: NoticesService) => config.MAIL_URL === 'mailbox:'
const toEntry = ({ id, recipient, subject, at }: Row) => ({
  id,
  to: recipient,
  subject,
  at: at.toISOString(),
})

export const mailbox = query(listEndpoint, async ({ query: { to } }, service: NoticesService) => {
  if (!isThere(service)) return refuse('not-found')
  const { sql } = service.db
  const rows = await sql<Row[]>`
    select id, recipient, subject, at from mailbox
    ${to === undefined ? sql`` : sql`where recipient = ${to.toLowerCase()}`} order by id desc limit ${shownAtOnce}`
  return answer(rows.map(toEntry))
})

export const mailboxMail = query(showEndpoint, async ({ params }, service: NoticesService) => {
  if (!isThere(service)) return refuse('not-found')
  const [mail] = await service.db.sql<Mail[]>`select * from mailbox where id = ${params.id}`
  if (!mail) return refuse('not-found')
  const { headers, html, plain, attachments } = mail
  return answer({ ...toEntry(mail), headers, html, text: plain, attachments })
})
