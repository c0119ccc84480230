// A user has their account erased: what goes, what stays and why, what stands in the way; asked once more. When it is
// done the session is over, and another page says so.

import { askErasure, myErasure } from '@aisle/contracts/api/users'
import type { Erasure as Wish } from '@aisle/contracts/entities'
import { Form, Link, redirect } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { takeForm } from '../api/draft.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { LookAgain } from '../parts/look-again.tsx'
import { Notice } from '../parts/notice.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { useErasureTexts } from '../texts/erasure.ts'
import type { Route } from './+types/erasure.ts'

const lookAgainSeconds = 5

export async function loader({ request, context }: Route.LoaderArgs) {
  await requireUser(context)
  const { body: wish } = await readApi(context, myErasure, {})
  // The form has nothing to restore.
  takeForm(context)
  const isSure = new URL(request.url).searchParams.has('sure')
  return { wish, isSure, ...(wish.status === 'asked' ? { refreshSeconds: lookAgainSeconds } : {}) }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const asked = await callApi(context, askErasure, {})
  if (!asked.ok) return reject(context, typed, asked)
  return redirect(asked.body.status === 'done' ? '/erased' : '/account/erasure', 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Erasure({ loaderData: { wish, isSure }, actionData: rejected }: Route.ComponentProps) {
  const { erasure } = useErasureTexts()
  return (
    <div className="page max-w-2xl py-8">
      <Head title={erasure.title} />
      <h1 className="text-title">{erasure.title}</h1>
      <div className="mt-6 grid gap-6">
        <Rejection rejected={rejected} />
        {wish.status === 'asked' ? <Asked /> : isSure ? <Sure /> : <Explained wish={wish} />}
      </div>
    </div>
  )
}

function Asked() {
  const { erasure } = useErasureTexts()
  return (
    <>
      <LookAgain seconds={lookAgainSeconds} />
      <Notice announce title={erasure.asked}>
        {erasure.askedHint}
      </Notice>
    </>
  )
}

function Explained({ wish }: { wish: Wish }) {
  const { erasure } = useErasureTexts()
  return (
    <>
      {wish.status === 'refused' && wish.reasons.length > 0 && <Reasons reasons={wish.reasons} />}
      <Listed title={erasure.goes} items={erasure.goesList} />
      <Listed title={erasure.stays} items={erasure.staysList} />
      <Listed title={erasure.stops} items={erasure.stopsList} />
      <p>
        <Link className="button" to="/account/erasure?sure">
          {erasure.erase}
        </Link>
      </p>
    </>
  )
}

function Sure() {
  const { erasure } = useErasureTexts()
  return (
    <>
      <Notice look="warn" title={erasure.sure}>
        {erasure.sureHint}
      </Notice>
      <Form method="post" className="flex flex-wrap items-center gap-4">
        <Submit look="main" pending={erasure.erasing}>
          {erasure.eraseNow}
        </Submit>
        <Link className="link" to="/account">
          {erasure.keep}
        </Link>
      </Form>
    </>
  )
}

const Listed = ({ title, items }: { title: string; items: readonly string[] }) => (
  <section>
    <h2 className="mb-2 text-entry">{title}</h2>
    <ul className="grid list-disc gap-1 ps-5">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  </section>
)

function Reasons({ reasons }: Pick<Wish, 'reasons'>) {
  const { erasure } = useErasureTexts()
  return (
    <Notice look="bad" title={erasure.refused}>
      <ul className="mt-1 grid gap-1">
        {reasons.map(({ code, subject = '' }) => (
          <li key={`${code} ${subject}`}>
            {erasure.reasons[code as keyof typeof erasure.reasons] ?? erasure.otherReason}{' '}
            <Link className="link" to={pathOf(code, subject)}>
              {erasure.look}
            </Link>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** Where a reason is looked at: the seller's are on the page of the ticket. */
function pathOf(code: string, subject: string): string {
  if (code === 'balance-due') return '/my-tickets/selling'
  if (subject === '') return '/my-tickets'
  return code.startsWith('sale-') ? `/tickets/${subject}` : `/orders/${subject}`
}
