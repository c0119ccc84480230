// A seller gives a buyer the money back. The buyer tells the order number, which stands on their order page: it is they who ask for a refund.

import { paymentsOfOrder, refundPayment } from '@aisle/contracts/api/payments'
import { Form, redirect } from 'react-router'
import { callApi, refusalPage } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { parseMoney } from '../format/money.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { faultsOf, type Rejected, Rejection } from '../parts/rejection.tsx'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/refund.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  await requireUser(context)
  const { searchParams } = new URL(request.url)
  const orderId = searchParams.get('order')?.trim().toLowerCase() ?? ''
  const refunded = Number(searchParams.get('refunded')) || null
  const idempotencyKey = crypto.randomUUID()
  if (orderId === '') return { orderId, found: null, payment: null, refunded, idempotencyKey }
  const payments = await callApi(context, paymentsOfOrder, { query: { orderId } })
  if (!payments.ok && payments.problem.code === 'not-signed-in') throw refusalPage(context, payments)
  const payment = payments.ok
    ? payments.body.find(({ status }) => status === 'captured' || status === 'refunded')
    : undefined
  return { orderId, found: payments.ok, payment: payment ?? null, refunded, idempotencyKey }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { orderId = '', paymentId = '', currency = '', amount = '', idempotencyKey } = typed
  const minor = parseMoney(amount, /^[a-z]{3}$/.test(currency) ? currency : 'eur')
  const refunded = await callApi(context, refundPayment, {
    params: { id: paymentId },
    // What cannot be read is refused by the API, as everywhere.
    body: { amount: minor ?? (amount as unknown as number) },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
  if (!refunded.ok) return reject(context, typed, refunded)
  return redirect(`/refund?${new URLSearchParams({ order: orderId, refunded: String(refunded.body.amount) })}`, 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Refund({ loaderData, actionData }: Route.ComponentProps) {
  const { orderId, found, payment, refunded } = loaderData
  const texts = useTexts()
  const format = useFormat()
  return (
    <div className="page max-w-2xl py-8">
      <Head title={texts.refund.title} />
      <h1 className="text-title">{texts.refund.title}</h1>
      <p className="mt-1 text-muted">{texts.refund.intro}</p>
      <Form method="get" className="mt-6 grid gap-4" noValidate>
        <Field
          label={texts.refund.order}
          name="order"
          defaultValue={orderId}
          hint={texts.refund.orderHint}
          maxLength={36}
          autoComplete="off"
          spellCheck={false}
          fault={found === false ? texts.refund.notFound : undefined}
        />
        <div>
          <button type="submit" className={`button ${payment ? '' : 'button-main'}`}>
            {texts.refund.find}
          </button>
        </div>
      </Form>
      <div className="mt-8 grid gap-6">
        {refunded && payment && (
          <Notice look="good" announce title={texts.refund.done(format.money(refunded, payment.currency))} />
        )}
        {found && !payment && <Notice look="warn" title={texts.refund.unpaid} />}
        {payment && <Payment {...loaderData} payment={payment} rejected={actionData} />}
      </div>
    </div>
  )
}

type Found = Route.ComponentProps['loaderData']

function Payment({
  orderId,
  payment,
  idempotencyKey,
  rejected,
}: Found & { payment: NonNullable<Found['payment']>; rejected: Rejected | undefined }) {
  const texts = useTexts()
  const format = useFormat()
  const { fields } = faultsOf(rejected, texts)
  const { currency } = payment
  const left = payment.amount - payment.amountRefunded
  const rows = [
    [texts.refund.paid, payment.amount],
    [texts.refund.already, payment.amountRefunded],
    [texts.refund.left, left],
  ] as const
  return (
    <section>
      <h2 className="mb-3 text-entry">{texts.refund.payment}</h2>
      <dl className="numbers grid max-w-sm grid-cols-[1fr_auto] gap-x-6 gap-y-1">
        {rows.map(([label, amount]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="text-end font-semibold">{format.money(amount, currency)}</dd>
          </div>
        ))}
      </dl>
      {left > 0 ? (
        <Form method="post" noValidate className="mt-6 grid gap-5">
          <Rejection rejected={rejected} labels={{ amount: texts.refund.amount }} />
          {Object.entries({ orderId, paymentId: payment.id, currency, idempotencyKey }).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <Field
            label={`${texts.refund.amount} (${currency.toUpperCase()})`}
            name="amount"
            hint={texts.refund.amountHint}
            inputMode="decimal"
            autoComplete="off"
            defaultValue={rejected?.values.amount ?? format.editableMoney(left, currency)}
            fault={fields.amount}
          />
          <div>
            <Submit look="main" pending={texts.refund.submitting}>
              {texts.refund.submit}
            </Submit>
          </div>
        </Form>
      ) : (
        <p className="mt-6 text-muted">{texts.refund.nothingLeft}</p>
      )}
    </section>
  )
}
