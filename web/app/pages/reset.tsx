// The link in the mail that sets another password. Whatever is wrong with a link, the answer is the same.

import { resetPassword } from '@aisle/contracts/api/users'
import { data, Form, Link } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { readForm, reject, sameForBadLinks } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { faultsOf, type Rejected, Rejection } from '../parts/rejection.tsx'
import { useLinkTexts } from '../texts/links.ts'
import type { Route } from './+types/reset.ts'

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { password = '' } = typed
  const reset = await callApi(context, resetPassword, { body: { token: params.token, password } })
  return reset.ok ? data({ done: true } as const) : reject(context, typed, sameForBadLinks(reset))
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Reset({ actionData }: Route.ComponentProps) {
  const texts = useLinkTexts()
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.links.resetTitle} />
      <h1 className="text-title">{texts.links.resetTitle}</h1>
      {actionData && 'done' in actionData ? <Done /> : <NewPassword rejected={actionData} />}
    </div>
  )
}

function Done() {
  const texts = useLinkTexts()
  return (
    <div className="mt-8 grid gap-6">
      <Notice look="good" announce title={texts.links.resetDone}>
        {texts.links.resetDoneHint}
      </Notice>
      <p>
        <Link className="button button-main" to="/sign-in">
          {texts.signIn.submit}
        </Link>
      </p>
    </div>
  )
}

function NewPassword({ rejected }: { rejected: Rejected | undefined }) {
  const texts = useLinkTexts()
  if (rejected?.code === 'invalid-link')
    return (
      <div className="mt-8">
        <Rejection rejected={rejected} />
        <p>
          <Link className="link" to="/forgot">
            {texts.links.askAgain}
          </Link>
        </p>
      </div>
    )
  return (
    <Form method="post" noValidate className="mt-8 grid gap-5">
      <Rejection rejected={rejected} labels={{ password: texts.links.newPassword }} />
      <Field
        label={texts.links.newPassword}
        name="password"
        type="password"
        hint={texts.signUp.passwordHint}
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={128}
        fault={faultsOf(rejected, texts).fields.password}
      />
      <div className="grid justify-items-start gap-2">
        <Submit look="main" pending={texts.links.resetting}>
          {texts.links.resetSubmit}
        </Submit>
        <p className="text-small text-muted">{texts.links.resetHint}</p>
      </div>
    </Form>
  )
}
