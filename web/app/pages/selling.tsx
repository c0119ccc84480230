// What I sell, what someone is paying for just now, what is sold, and what I am due.

import { showBalance } from '@aisle/contracts/api/payments'
import { myTickets } from '@aisle/contracts/api/tickets'
import type { Ticket } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { Empty } from '../parts/empty.tsx'
import { Head } from '../parts/head.tsx'
import { MineTabs } from '../parts/mine-tabs.tsx'
import { Pager } from '../parts/pager.tsx'
import { Price } from '../parts/price.tsx'
import { TicketStub } from '../parts/ticket-stub.tsx'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/selling.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const after = new URL(request.url).searchParams.get('after')
  const [tickets, balance] = await Promise.all([
    readApi(context, myTickets, { query: { limit: 40, ...(after ? { after } : {}) } }),
    // What is due is worth a line, not the page.
    callApi(context, showBalance, {}).catch(() => null),
  ])
  return { tickets: tickets.body, next: tickets.next, balances: balance?.ok ? balance.body : [] }
}

const groups = [
  ['reserved', 'reserved'],
  ['listed', 'forSale'],
  ['sold', 'sold'],
  ['withdrawn', 'withdrawn'],
] as const satisfies readonly [Ticket['status'], string][]

export default function Selling({ loaderData: { tickets, next, balances } }: Route.ComponentProps) {
  const texts = useTexts()
  const format = useFormat()
  const due = balances.filter(({ sold }) => sold > 0)
  return (
    <div className="page max-w-4xl py-8">
      <Head title={texts.mine.title} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-title">{texts.mine.title}</h1>
        <Link className="button button-main" to="/sell">
          {texts.mine.sellOne}
        </Link>
      </div>
      <MineTabs />
      {due.length > 0 && (
        <section className="mb-10">
          <h2 className="text-small text-muted">{texts.mine.due}</h2>
          <dl className="flex flex-wrap gap-x-10 gap-y-3">
            {due.map((balance) => (
              <div key={balance.currency}>
                <dt>
                  <Price price={balance.due} currency={balance.currency} className="text-title" />
                </dt>
                <dd className="numbers text-small text-muted">
                  {texts.mine.dueHint(
                    format.money(balance.sold, balance.currency),
                    format.money(balance.refunded, balance.currency),
                  )}
                </dd>
              </div>
            ))}
          </dl>
          <p className="mt-3 text-small">
            <Link className="link" to="/refund">
              {texts.mine.refund}
            </Link>
          </p>
        </section>
      )}
      {tickets.length === 0 && <Empty title={texts.mine.sellingEmpty} hint={texts.mine.sellingEmptyHint} />}
      {groups.map(([status, heading]) => {
        const shown = tickets.filter((ticket) => ticket.status === status)
        return (
          shown.length > 0 && (
            <section key={status} className="mb-10">
              <h2 className="mb-4 text-entry">{texts.mine[heading]}</h2>
              <ul className="grid gap-4">
                {shown.map((ticket) => (
                  <li key={ticket.id} className="grid min-w-0">
                    <TicketStub
                      ticket={ticket}
                      to={`/tickets/${ticket.id}`}
                      withEvent
                      note={
                        status === 'sold'
                          ? texts.mine.soldOn(format.shortDate(ticket.updatedAt))
                          : texts.ticketStatus[status]
                      }
                    />
                  </li>
                ))}
              </ul>
            </section>
          )
        )
      })}
      <Pager next={next} more={texts.mine.more} first={texts.mine.first} />
    </div>
  )
}
