// All users' orders, by number, status, buyer or ticket; each leads to its whole story.

import { browseOrders } from '@aisle/contracts/api/orders'
import { type OrderRecord, OrderStatus } from '@aisle/contracts/entities'
import { isOrderNumber } from '@aisle/contracts/order-number'
import { Form } from 'react-router'
import { callApi, refusalPage } from '../api/call-api.server.ts'
import { Field, SelectField } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { nameOfOrder } from '../parts/order-number.tsx'
import { Pager } from '../parts/pager.tsx'
import { Record, RecordLink, Records, shortId } from '../parts/record.tsx'
import { useAdminTexts } from '../texts/admin.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-orders.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const status = OrderStatus.enum.find((one) => one === searchParams.get('status'))
  const read = (name: string) => searchParams.get(name)?.trim() ?? ''
  const [number, buyerId, ticketId] = [read('number'), read('buyerId'), read('ticketId')]
  const after = read('after')
  const orders = await callApi(context, browseOrders, {
    query: {
      limit: 40,
      ...(status ? { status } : {}),
      ...(number ? { number } : {}),
      ...(buyerId ? { buyerId } : {}),
      ...(ticketId ? { ticketId } : {}),
      ...(after ? { after } : {}),
    },
  })
  // An invalid id or number has no orders.
  if (!orders.ok && orders.problem.code !== 'invalid') throw refusalPage(context, orders)
  return {
    status: status ?? '',
    number,
    isNumber: number === '' || isOrderNumber(number),
    ids: { buyerId, ticketId },
    statuses: [...OrderStatus.enum],
    orders: orders.ok ? orders.body : [],
    next: orders.ok ? orders.next : null,
  }
}

export default function AdminOrders({ loaderData }: Route.ComponentProps) {
  const { status, number, isNumber, ids, statuses, orders, next } = loaderData
  const texts = useAdminTexts()
  const labels = { buyerId: texts.admin.buyer, ticketId: texts.admin.ticket }
  return (
    <>
      <Head title={texts.admin.orders} />
      <h1 className="text-title">{texts.admin.orders}</h1>
      <search>
        <Form method="get" className="my-6 grid items-end gap-4 md:grid-cols-[9rem_11rem_1fr_1fr_auto]">
          <Field
            label={texts.admin.orderNumber}
            name="number"
            key={`number ${number}`}
            defaultValue={number}
            aria-invalid={isNumber ? undefined : true}
            maxLength={40}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
          />
          <SelectField label={texts.admin.status} name="status" key={status} defaultValue={status}>
            <option value="">{texts.admin.any}</option>
            {statuses.map((one) => (
              <option key={one} value={one}>
                {texts.admin.orderStatus[one]}
              </option>
            ))}
          </SelectField>
          {(['buyerId', 'ticketId'] as const).map((name) => (
            <Field
              label={`${labels[name]} (${texts.admin.id})`}
              name={name}
              key={`${name} ${ids[name]}`}
              defaultValue={ids[name]}
              maxLength={36}
              autoComplete="off"
              spellCheck={false}
            />
          ))}
          <button type="submit" className="button">
            {texts.admin.show}
          </button>
        </Form>
      </search>
      {orders.length === 0 && <p className="text-muted">{isNumber ? texts.admin.nothing : texts.admin.notANumber}</p>}
      <Records>
        {orders.map((order) => (
          <Found key={order.id} order={order} />
        ))}
      </Records>
      <Pager next={next} more={texts.admin.older} first={texts.admin.newest} />
    </>
  )
}

function Found({ order }: { order: OrderRecord }) {
  const { id, ticket, status, reason, buyerId, sellerId, createdAt } = order
  const texts = useAdminTexts()
  const format = useFormat()
  return (
    <Record
      title={
        <RecordLink to={`/admin/orders/${id}`}>
          <bdi>{ticket.event?.name ?? ticket.title}</bdi>
        </RecordLink>
      }
      aside={
        <>
          {texts.admin.orderStatus[status]}
          {reason && ` (${reason})`} · {format.money(ticket.price, ticket.currency)}
        </>
      }
    >
      <time className="numbers" dateTime={createdAt}>
        {format.shortDate(createdAt)}, {format.timeWithZone(createdAt)}
      </time>
      <span className="numbers">{nameOfOrder(order)}</span>
      <RecordLink to={`/admin/users?q=${buyerId}`}>{`${texts.admin.buyer} ${shortId(buyerId)}`}</RecordLink>
      <RecordLink to={`/admin/users?q=${sellerId}`}>{`${texts.admin.seller} ${shortId(sellerId)}`}</RecordLink>
    </Record>
  )
}
