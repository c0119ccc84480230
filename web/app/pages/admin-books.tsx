// Ledger reconciliation with the provider, on demand.

import { compareBooks } from '@aisle/contracts/api/payments'
import { Form } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { requireAdmin } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { OrderNumber } from '../parts/order-number.tsx'
import { RecordLink } from '../parts/record.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { useAdminTexts } from '../texts/admin.ts'
import type { Route } from './+types/admin-books.ts'

export async function loader({ context }: Route.LoaderArgs) {
  await requireAdmin(context)
  return null
}

/** Changes nothing that could be done twice, so its response is the page itself. */
export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const comparison = await callApi(context, compareBooks, {})
  return comparison.ok ? comparison.body : reject(context, typed, comparison)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function AdminBooks({ actionData }: Route.ComponentProps) {
  const texts = useAdminTexts()
  const [comparison, rejected] =
    actionData && 'compared' in actionData ? [actionData, undefined] : [undefined, actionData]
  return (
    <>
      <Head title={texts.admin.books} />
      <h1 className="text-title">{texts.admin.books}</h1>
      <p className="mt-1 mb-6 max-w-prose text-muted">{texts.admin.booksHint}</p>
      <Rejection rejected={rejected} />
      <Form method="post" className="mb-8">
        <Submit look="main" pending={texts.admin.comparing}>
          {texts.admin.compare}
        </Submit>
      </Form>
      {comparison?.differences.length === 0 && (
        <Notice look="good" announce title={texts.admin.agree}>
          {texts.admin.compared(comparison.compared)}
        </Notice>
      )}
      {comparison && comparison.differences.length > 0 && (
        <Notice look="bad" announce title={texts.admin.differences(comparison.differences.length)}>
          <p>{texts.admin.compared(comparison.compared)}</p>
          <ul className="mt-2 grid list-inside list-disc gap-1">
            {comparison.differences.map(({ paymentId, orderId, orderNumber, what }) => (
              <li key={`${paymentId} ${what}`} className="break-words">
                {what}
                {paymentId && <span className="numbers break-all"> ({paymentId})</span>}{' '}
                {orderId && (
                  <RecordLink to={`/admin/orders/${orderId}`}>
                    <OrderNumber order={{ id: orderId, number: orderNumber }} />
                  </RecordLink>
                )}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  )
}
