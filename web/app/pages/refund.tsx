// A seller refunds a buyer, fully or in part. The amount first, then a confirmation, because a refund cannot be
// undone.

import { refundPayment } from '@aisle/contracts/api/payments'
import { Form, Link, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { findSale } from '../api/find-sale.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { sayNext } from '../api/say-next.server.ts'
import { parseMoney } from '../format/read-money.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { nameOfOrder, OrderNumber, orderOf } from '../parts/order-number.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { useRefundTexts } from '../texts/refund.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/refund.ts'

export async function loader({ request, params, context }: Route.LoaderArgs) {
  await requireUser(context)
  const { ticketId, title, orderNumber, payment, pending } = await findSale(context, params.id)
  const typed = new URL(request.url).searchParams.get('amount')
  const left = payment.amount - payment.amountRefunded - pending
  const minor = typed === null ? null : parseMoney(typed, payment.currency)
  return {
    ticketId,
    title,
    orderNumber,
    payment,
    pending,
    left,
    typed,
    /** The amount to confirm; null while it has not been entered or is invalid. */
    amount: minor !== null && minor >= 1 && minor <= left ? minor : null,
    idempotencyKey: crypto.randomUUID(),
  }
}

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { amount = '', idempotencyKey } = typed
  const refunded = await callApi(context, refundPayment, {
    params,
    body: { amount: Number(amount) },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
  if (!refunded.ok) return reject(context, typed, refunded)
  sayNext(context, 'refunded', { about: params.id, amount: refunded.body.amount })
  return redirect('/my-tickets/selling', 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Refund({ loaderData, actionData }: Route.ComponentProps) {
  const { title, payment, pending, left, amount } = loaderData
  const order = orderOf(loaderData)
  const texts = useRefundTexts()
  const format = useFormat()
  const rows = [
    [texts.refund.paid, payment.amount],
    [texts.refund.already, payment.amountRefunded],
    ...(pending > 0 ? [[texts.refund.pending, pending] as const] : []),
    [texts.refund.left, left],
  ] as const
  return (
    <div className="page max-w-2xl py-8">
      <Head title={`${texts.refund.title}, ${nameOfOrder(order)}`} />
      <p className="mb-4 text-small">
        <Link className="link" to="/my-tickets/selling">
          {texts.refund.back}
        </Link>
      </p>
      <h1 className="text-title">{texts.refund.title}</h1>
      <p className="mt-1 text-muted">
        <bdi>{title}</bdi>
        <br />
        <OrderNumber order={order} />
      </p>
      <dl className="numbers mt-6 mb-8 grid max-w-sm grid-cols-[1fr_auto] gap-x-6 gap-y-1">
        {rows.map(([label, sum]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="text-end font-semibold">{format.money(sum, payment.currency)}</dd>
          </div>
        ))}
      </dl>
      <Rejection rejected={actionData} />
      {left === 0 ? (
        <p className="text-muted">{texts.refund.nothingLeft}</p>
      ) : amount === null ? (
        <Amount {...loaderData} />
      ) : (
        <Confirm {...loaderData} amount={amount} />
      )}
    </div>
  )
}

type Loaded = Route.ComponentProps['loaderData']

function Amount({ payment: { currency }, left, typed }: Loaded) {
  const texts = useRefundTexts()
  const format = useFormat()
  return (
    <Form method="get" className="grid gap-5" noValidate>
      <Field
        label={`${texts.refund.amount} (${currency.toUpperCase()})`}
        name="amount"
        hint={texts.refund.amountHint}
        inputMode="decimal"
        autoComplete="off"
        maxLength={20}
        defaultValue={typed ?? format.editableMoney(left, currency)}
        fault={typed === null ? undefined : texts.fault.amount}
      />
      <div>
        <button type="submit" className="button button-main">
          {texts.refund.next}
        </button>
      </div>
    </Form>
  )
}

function Confirm({ payment: { id, currency }, left, amount, idempotencyKey }: Loaded & { amount: number }) {
  const texts = useRefundTexts()
  const format = useFormat()
  const money = format.money(amount, currency)
  return (
    <Form method="post" className="grid gap-4">
      <input type="hidden" name="amount" value={amount} />
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      <div>
        <h2 className="text-entry">{texts.refund.confirm(money)}</h2>
        <p className="mt-1 max-w-prose text-muted">
          {amount === left ? texts.refund.confirmAll : texts.refund.confirmPart(format.money(left - amount, currency))}
        </p>
      </div>
      <div className="flex flex-wrap gap-3">
        <Submit look="main" pending={texts.refund.submitting}>
          {texts.refund.submit(money)}
        </Submit>
        <Link className="button" to={`/my-tickets/selling/refund/${id}`}>
          {texts.refund.change}
        </Link>
      </div>
    </Form>
  )
}
