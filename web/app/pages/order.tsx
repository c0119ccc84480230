// Checkout, from the reservation to its end. Every state and every end of an order has its page here; the
// server decides which one is shown.

import { cancelOrder } from '@aisle/contracts/api/orders'
import { payOrder } from '@aisle/contracts/api/payments'
import type { Problem } from '@aisle/contracts/endpoint'
import { isOrderNumber } from '@aisle/contracts/order-number'
import { useState } from 'react'
import { redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { findOrder } from '../api/find-order.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { loadOrder } from '../api/load-order.server.ts'
import { useTellTabs } from '../live/own-orders.ts'
import { useLiveOrder } from '../live/use-live.ts'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { AwaitingPayment } from '../parts/order-awaiting.tsx'
import { Bought, Ended, Refunded } from '../parts/order-ended.tsx'
import { OrderNotices } from '../parts/order-notices.tsx'
import { nameOfOrder, OrderNumber } from '../parts/order-number.tsx'
import { OrderWaiting } from '../parts/order-waiting.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { Said } from '../parts/said.tsx'
import type { Texts } from '../texts/en.ts'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/order.ts'

export async function loader({ params, request, context }: Route.LoaderArgs) {
  if (isOrderNumber(params.id)) throw await findOrder(context, params.id)
  return loadOrder(context, params.id, new URL(request.url).searchParams.get('payment'))
}

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  if (typed.intent === 'cancel') {
    const cancelled = await callApi(context, cancelOrder, { params })
    return cancelled.ok ? redirect(`/orders/${params.id}`, 303) : reject(context, typed, cancelled)
  }
  const { idempotencyKey } = typed
  const begun = await callApi(context, payOrder, {
    body: { orderId: params.id },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
  if (!begun.ok) return reject(context, typed, begun.status === 404 ? unheardOf(begun) : begun)
  // Without a URL the provider has not answered yet: the order's page waits for it.
  return redirect(begun.body.url ?? `/orders/${params.id}`, 303)
}

/** The order exists, or this page would not: payments has not received it yet. */
const unheardOf = <R extends { problem: Problem }>(refused: R): R => ({
  ...refused,
  problem: { ...refused.problem, code: 'unavailable', errors: [] },
})

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function OrderPage({ loaderData, actionData }: Route.ComponentProps) {
  const texts = useTexts()
  const title = titleOf(loaderData, texts)
  const [first] = useState(title)
  useLiveOrder(loaderData.order)
  useTellTabs(loaderData.order)
  return (
    <div className="page max-w-5xl py-6 sm:py-10">
      <Head title={`${texts.order.title}, ${nameOfOrder(loaderData.order)}`} />
      <Said text={title === first ? '' : title} />
      <Rejection rejected={actionData} />
      <Stage {...loaderData} />
      <OrderNotices notices={loaderData.notices} />
      <p className="mt-10 text-small text-muted">
        <OrderNumber order={loaderData.order} />
      </p>
    </div>
  )
}

/** The page title: what has happened, in a few words. */
function titleOf({ stage, order }: Route.ComponentProps['loaderData'], texts: Texts): string {
  switch (stage) {
    case 'awaiting':
      return texts.order.title
    case 'cancelled':
      return texts.order.ended[order.reason ?? 'ticket-unavailable'].title
    default:
      return texts.order[stage]
  }
}

function Stage(seen: Route.ComponentProps['loaderData']) {
  const texts = useTexts()
  const { order, seller } = seen
  switch (seen.stage) {
    case 'holding':
      return <OrderWaiting order={order} seller={seller} title={texts.order.holding} hint={texts.order.holdingHint} />
    case 'awaiting':
      return <AwaitingPayment {...seen} />
    case 'preparing':
      return (
        <OrderWaiting order={order} seller={seller} title={texts.order.preparing} hint={texts.order.preparingHint} />
      )
    case 'confirming':
      return (
        <OrderWaiting order={order} seller={seller} title={texts.order.confirming} hint={texts.order.confirmingHint} />
      )
    case 'complete':
      return <Bought order={order} seller={seller} refunds={seen.refunds} isFresh={seen.isFresh} />
    case 'refunded':
      return <Refunded order={order} seller={seller} refunds={seen.refunds} />
    case 'cancelled':
      return <Ended order={order} seller={seller} />
    default:
      return seen.stage satisfies never
  }
}
