// The buyer's tickets, and the orders still to be paid.

import { myOrders } from '@aisle/contracts/api/orders'
import type { Order, OrderRefunds } from '@aisle/contracts/entities'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { readApi } from '../api/call-api.server.ts'
import { refundsOf } from '../api/load-refunds.server.ts'
import { spokenTime } from '../format/countdown.ts'
import { Empty } from '../parts/empty.tsx'
import { Head } from '../parts/head.tsx'
import { MineTabs } from '../parts/mine-tabs.tsx'
import { OrderNumber } from '../parts/order-number.tsx'
import { Pager } from '../parts/pager.tsx'
import { TicketStub } from '../parts/ticket-stub.tsx'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/bought.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const after = new URL(request.url).searchParams.get('after')
  const { body: orders, next } = await readApi(context, myOrders, { query: { limit: 40, ...(after ? { after } : {}) } })
  const refunds = await refundsOf(context, orders)
  const now = Date.now()
  const secondsLeft = Object.fromEntries(orders.map(({ id, expiresAt }) => [id, (Date.parse(expiresAt) - now) / 1000]))
  return { orders, next, refunds, secondsLeft }
}

export default function BoughtPage({ loaderData: { orders, next, refunds, secondsLeft } }: Route.ComponentProps) {
  const texts = useTexts()
  const waiting = orders.filter(
    ({ status }) => status === 'created' || status === 'awaiting:payment' || status === 'paying',
  )
  const kept = orders.filter(({ status }) => status === 'complete' || status === 'refunded')
  const ended = orders.filter(({ status }) => status === 'cancelled')
  const whatIsLeft = ({ id, status }: Order) =>
    status === 'awaiting:payment' ? (
      <>
        <span className="font-semibold text-ink underline underline-offset-4">{texts.mine.continuePaying}</span>
        <br />
        {spokenTime(secondsLeft[id] ?? 0, texts.order)}
      </>
    ) : (
      texts.order.status[status]
    )
  return (
    <div className="page max-w-4xl py-8">
      <Head title={texts.mine.title} />
      <h1 className="text-title">{texts.mine.title}</h1>
      <MineTabs />
      {waiting.length > 0 && (
        <section className="mb-10">
          <h2 className="text-entry">{texts.mine.waiting}</h2>
          <p className="mb-4 text-small text-muted">{texts.mine.waitingHint}</p>
          <Orders orders={waiting} note={whatIsLeft} />
        </section>
      )}
      {kept.length > 0 ? (
        <section>
          <h2 className="mb-4 text-entry">{texts.mine.yours}</h2>
          <Orders orders={kept} note={(order) => <Kept order={order} refunds={refunds[order.id]} />} />
        </section>
      ) : (
        waiting.length === 0 && (
          <Empty belowTabs title={texts.mine.yoursEmpty} hint={texts.mine.yoursEmptyHint}>
            <Link className="button button-main" to="/">
              {texts.order.browse}
            </Link>
          </Empty>
        )
      )}
      {ended.length > 0 && (
        <details className="mt-10">
          <summary className="inline-flex min-h-9 items-center underline underline-offset-4">
            {texts.mine.ended} ({ended.length})
          </summary>
          <div className="mt-4">
            <Orders orders={ended} note={({ status }) => texts.order.status[status]} />
          </div>
        </details>
      )}
      <Pager next={next} more={texts.mine.more} first={texts.mine.first} />
    </div>
  )
}

function Kept({ order: { status }, refunds }: { order: Order; refunds: OrderRefunds | undefined }) {
  const texts = useTexts()
  const format = useFormat()
  const { refunded = 0, pending = 0, currency = '' } = refunds ?? {}
  return (
    <>
      {texts.order.status[status]}
      {refunded > 0 && <span className="block">{texts.order.givenBack(format.money(refunded, currency))}</span>}
      {pending > 0 && <span className="block">{texts.order.comingBack(format.money(pending, currency))}</span>}
    </>
  )
}

/** Below the price of an order: what is to be said about it, and its number. */
function Noted({ order, children }: { order: Order; children: ReactNode }) {
  return (
    <>
      {children}
      <span className="block">
        <OrderNumber order={order} />
      </span>
    </>
  )
}

function Orders({ orders, note }: { orders: readonly Order[]; note: (order: Order) => ReactNode }) {
  return (
    <ul className="grid gap-4">
      {orders.map((order) => (
        <li key={order.id} className="grid min-w-0">
          <TicketStub
            ticket={order.ticket}
            to={`/orders/${order.id}`}
            withEvent
            note={<Noted order={order}>{note(order)}</Noted>}
          />
        </li>
      ))}
    </ul>
  )
}
