// Ends mails of one kind, by the link of such a mail. Nobody needs to be signed in; opening the page changes nothing.

import { unsubscribe } from '@aisle/contracts/api/notices'
import { Form, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { useNoticesTexts } from '../texts/notices.ts'
import type { Route } from './+types/unsubscribe.ts'

export function loader({ request }: Route.LoaderArgs) {
  return { isDone: new URL(request.url).searchParams.has('done') }
}

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const ended = await callApi(context, unsubscribe, { params })
  return ended.ok ? redirect('?done', 303) : reject(context, typed, ended)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function UnsubscribePage({ loaderData: { isDone }, actionData }: Route.ComponentProps) {
  const texts = useNoticesTexts()
  return (
    <div className="page max-w-xl py-10">
      <Head title={texts.notices.unsubscribe} />
      <h1 className="mb-3 text-title">{texts.notices.unsubscribe}</h1>
      <Rejection rejected={actionData} />
      {isDone ? (
        <Notice look="good" announce title={texts.notices.unsubscribed} />
      ) : (
        <Form method="post" className="grid justify-items-start gap-5">
          <p className="max-w-prose text-muted">{texts.notices.unsubscribeHint}</p>
          <Submit look="main" intent="stop" pending={texts.notices.unsubscribe}>
            {texts.notices.unsubscribe}
          </Submit>
        </Form>
      )}
    </div>
  )
}
