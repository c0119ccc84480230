// The link in the mail that confirms an address. Opening it changes nothing, because programs open links in mails,
// too: the button does it. Whatever is wrong with a link, the answer is the same.

import { confirmAddress } from '@aisle/contracts/api/users'
import { data, Form, Link } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { readForm, reject, sameForBadLinks } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { type Rejected, Rejection } from '../parts/rejection.tsx'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/confirm.ts'

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const confirmed = await callApi(context, confirmAddress, { body: { token: params.token } })
  if (confirmed.ok) return data({ done: true } as const)
  return reject(context, typed, sameForBadLinks(confirmed))
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Confirm({ actionData }: Route.ComponentProps) {
  const texts = useTexts()
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.links.confirmTitle} />
      <h1 className="text-title">{texts.links.confirmTitle}</h1>
      {actionData && 'done' in actionData ? <Confirmed /> : <Confirming rejected={actionData} />}
    </div>
  )
}

function Confirmed() {
  const texts = useTexts()
  return (
    <div className="mt-8 grid gap-6">
      <Notice look="good" announce title={texts.links.confirmed}>
        {texts.links.confirmedHint}
      </Notice>
      <ToAccount />
    </div>
  )
}

function Confirming({ rejected }: { rejected: Rejected | undefined }) {
  const texts = useTexts()
  return (
    <>
      <p className="mt-2 mb-6 text-muted">{texts.links.confirmBody}</p>
      <Rejection rejected={rejected} />
      {rejected?.code === 'invalid-link' ? (
        <ToAccount />
      ) : (
        <Form method="post">
          <Submit look="main" pending={texts.links.confirming}>
            {texts.links.confirm}
          </Submit>
        </Form>
      )}
    </>
  )
}

function ToAccount() {
  const texts = useTexts()
  return (
    <p>
      <Link className="link" to="/account">
        {texts.links.toAccount}
      </Link>
    </p>
  )
}
