// The seller's tickets: for sale, being paid for, sold and refundable; and the balance owed to the seller.

import { mySales, showBalance } from '@aisle/contracts/api/payments'
import { myTickets } from '@aisle/contracts/api/tickets'
import type { Balance, Sale, Ticket } from '@aisle/contracts/entities'
import { Link } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { takeSaid } from '../api/say-next.server.ts'
import { isolated } from '../format/isolate.ts'
import { Empty } from '../parts/empty.tsx'
import { Head } from '../parts/head.tsx'
import { MineTabs } from '../parts/mine-tabs.tsx'
import { Notice } from '../parts/notice.tsx'
import { OrderNumber, orderOf } from '../parts/order-number.tsx'
import { Pager } from '../parts/pager.tsx'
import { Price } from '../parts/price.tsx'
import { TicketStub } from '../parts/ticket-stub.tsx'
import { useRefundTexts } from '../texts/refund.ts'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/selling.ts'

const perPage = 40

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const page = (name: string) => {
    const after = searchParams.get(name)
    return { limit: perPage, ...(after ? { after } : {}) }
  }
  const [tickets, sales, balance] = await Promise.all([
    readApi(context, myTickets, { query: page('after') }),
    // If payments is down, sold tickets still show that they are sold.
    callApi(context, mySales, { query: page('salesAfter') }).catch(() => null),
    callApi(context, showBalance, {}).catch(() => null),
  ])
  return {
    tickets: tickets.body,
    next: tickets.next,
    sales: sales?.ok ? sales.body : null,
    nextSales: sales?.ok ? sales.next : null,
    balances: balance?.ok ? balance.body : [],
    refunded: takeSaid(context, 'refunded'),
  }
}

const groups = [
  ['reserved', 'reserved'],
  ['listed', 'forSale'],
  ['sold', 'sold'],
  ['withdrawn', 'withdrawn'],
] as const satisfies readonly [Ticket['status'], string][]

export default function Selling({ loaderData }: Route.ComponentProps) {
  const { tickets, next, sales, nextSales, balances, refunded } = loaderData
  const texts = useRefundTexts()
  const format = useFormat()
  const due = balances.filter(({ sold }) => sold > 0)
  const given = sales?.find(({ payment }) => payment.id === refunded?.about)
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
      {refunded && given && (
        <div className="mb-8">
          <Notice look="good" announce title={texts.refund.done(format.money(refunded.amount, given.payment.currency))}>
            <bdi>{given.title}</bdi>
          </Notice>
        </div>
      )}
      {due.length > 0 && <Due balances={due} />}
      {tickets.length === 0 && !sales?.length && (
        <Empty belowTabs title={texts.mine.sellingEmpty} hint={texts.mine.sellingEmptyHint} />
      )}
      {groups.map(([status, heading]) => {
        const shown = tickets.filter((ticket) => ticket.status === status)
        const sold = status === 'sold' ? sales : null
        return (
          (sold ?? shown).length > 0 && (
            <section key={status} className="mb-10">
              <h2 className="mb-4 text-entry">{texts.mine[heading]}</h2>
              <ul className="grid gap-4">
                {sold
                  ? sold.map((sale) => <Sold key={sale.payment.id} sale={sale} tickets={tickets} />)
                  : shown.map((ticket) => (
                      <li key={ticket.id} className="grid min-w-0">
                        <TicketStub
                          ticket={ticket}
                          to={`/tickets/${ticket.id}`}
                          withEvent
                          note={texts.ticketStatus[status]}
                        />
                      </li>
                    ))}
              </ul>
              {sold && <Pager next={nextSales} more={texts.mine.more} first={texts.mine.first} name="salesAfter" />}
            </section>
          )
        )
      })}
      <Pager next={next} more={texts.mine.more} first={texts.mine.first} />
    </div>
  )
}

function Due({ balances }: { balances: readonly Balance[] }) {
  const texts = useTexts()
  const format = useFormat()
  return (
    <section className="mb-10">
      <h2 className="text-small text-muted">{texts.mine.due}</h2>
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        {balances.map(({ currency, due, sold, fees, refunded }) => (
          <div key={currency}>
            <dt>
              <Price price={due} currency={currency} className="text-title" />
            </dt>
            <dd className="numbers text-small text-muted">
              {texts.mine.dueHint(format.money(sold, currency), format.money(refunded, currency))}
              {fees > 0 && `, ${texts.mine.fees(format.money(fees, currency))}`}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** A sold ticket, and below it what its buyer has paid and got back. */
function Sold({ sale, tickets }: { sale: Sale; tickets: readonly Ticket[] }) {
  const texts = useTexts()
  const format = useFormat()
  const { ticketId, title, payment, pending } = sale
  const { amount, amountRefunded, currency, createdAt } = payment
  const known = tickets.find(({ id }) => id === ticketId)
  const ticket = { ...(known ?? { title }), price: amount, currency }
  const to = ticketId ? `/tickets/${ticketId}` : `/my-tickets/selling/refund/${payment.id}`
  return (
    <li className="grid min-w-0 gap-1">
      <TicketStub ticket={ticket} to={to} withEvent note={texts.mine.soldOn(format.shortDate(createdAt))} />
      <p className="flex flex-wrap items-center justify-between gap-x-4 px-1 text-small">
        <span className="numbers text-muted">
          <OrderNumber order={orderOf(sale)} />
          {amountRefunded > 0 && ` · ${texts.mine.refunded(format.money(amountRefunded, currency))}`}
        </span>
        {amountRefunded + pending < amount && (
          <Link
            className="link inline-flex min-h-9 items-center"
            to={`/my-tickets/selling/refund/${payment.id}`}
            aria-label={`${texts.mine.refund}: ${isolated(title)}`}
          >
            {texts.mine.refund}
          </Link>
        )}
      </p>
    </li>
  )
}
