// Tickets in every status, of all sellers or of one.

import { browseEveryTicket } from '@aisle/contracts/api/tickets'
import { TicketStatus } from '@aisle/contracts/entities'
import { Form } from 'react-router'
import { callApi, refusalPage } from '../api/call-api.server.ts'
import { isolated } from '../format/isolate.ts'
import { Field, SelectField } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { Pager } from '../parts/pager.tsx'
import { Record, RecordLink, Records } from '../parts/record.tsx'
import { useAdminTexts } from '../texts/admin.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-tickets.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const status = TicketStatus.enum.find((one) => one === searchParams.get('status'))
  const [sellerId, after] = [searchParams.get('sellerId')?.trim() ?? '', searchParams.get('after')]
  const tickets = await callApi(context, browseEveryTicket, {
    query: { limit: 40, ...(status ? { status } : {}), ...(sellerId ? { sellerId } : {}), ...(after ? { after } : {}) },
  })
  // An invalid id has no tickets.
  if (!tickets.ok && tickets.problem.code !== 'invalid') throw refusalPage(context, tickets)
  return {
    status: status ?? '',
    sellerId,
    statuses: [...TicketStatus.enum],
    tickets: tickets.ok ? tickets.body : [],
    next: tickets.ok ? tickets.next : null,
  }
}

export default function AdminTickets({ loaderData }: Route.ComponentProps) {
  const { status, sellerId, statuses, tickets, next } = loaderData
  const texts = useAdminTexts()
  const format = useFormat()
  return (
    <>
      <Head title={texts.admin.tickets} />
      <h1 className="text-title">{texts.admin.tickets}</h1>
      <search>
        <Form method="get" className="my-6 grid items-end gap-4 sm:grid-cols-[14rem_1fr_auto]">
          <SelectField label={texts.admin.status} name="status" key={status} defaultValue={status}>
            <option value="">{texts.admin.any}</option>
            {statuses.map((one) => (
              <option key={one} value={one}>
                {texts.ticketStatus[one]}
              </option>
            ))}
          </SelectField>
          <Field
            label={`${texts.admin.seller} (${texts.admin.id})`}
            name="sellerId"
            key={sellerId}
            defaultValue={sellerId}
            maxLength={36}
            autoComplete="off"
            spellCheck={false}
          />
          <button type="submit" className="button">
            {texts.admin.show}
          </button>
        </Form>
      </search>
      {tickets.length === 0 && <p className="text-muted">{texts.admin.nothing}</p>}
      <Records>
        {tickets.map(({ id, title, event, price, currency, seller, status, createdAt }) => (
          <Record
            key={id}
            title={
              <RecordLink to={`/tickets/${id}`}>
                {(event ? [event.name, title] : [title]).map(isolated).join(', ')}
              </RecordLink>
            }
            aside={
              <>
                {texts.ticketStatus[status]} · {format.money(price, currency)}
              </>
            }
          >
            <span className="numbers">{texts.admin.since(format.longDate(createdAt))}</span>
            <RecordLink
              to={`/admin/users?q=${seller.id}`}
            >{`${texts.admin.seller}: ${isolated(seller.name)}`}</RecordLink>
            <RecordLink to={`/admin/orders?ticketId=${id}`}>{texts.admin.ordersOfTicket}</RecordLink>
          </Record>
        ))}
      </Records>
      <Pager next={next} more={texts.admin.older} first={texts.admin.newest} />
    </>
  )
}
