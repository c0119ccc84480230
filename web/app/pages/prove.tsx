// Asks the user to confirm that it is they, then goes on to the page that was wanted.

import { prove } from '@aisle/contracts/api/users'
import { Form, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { safeReturnPath } from '../format/return-path.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { faultsOf, Rejection } from '../parts/rejection.tsx'
import { useAccountTexts } from '../texts/account.ts'
import type { Route } from './+types/prove.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { email } = await requireUser(context)
  return { email, to: safeReturnPath(new URL(request.url).searchParams.get('to')) }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const proved = await callApi(context, prove, { body: { password: typed.password ?? '' } })
  return proved.ok ? redirect(safeReturnPath(typed.to), 303) : reject(context, typed, proved)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Prove({ loaderData: { email, to }, actionData: rejected }: Route.ComponentProps) {
  const texts = useAccountTexts()
  const { fields } = faultsOf(rejected, texts)
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.account.prove} />
      <h1 className="text-title">{texts.account.prove}</h1>
      <p className="mt-2 text-muted">{texts.account.proveBody}</p>
      <Form method="post" noValidate className="mt-8 grid gap-5">
        <Rejection rejected={rejected} labels={{ password: texts.account.yourPassword }} />
        <input type="hidden" name="to" value={to} />
        {/* For password managers, which need to know the account. */}
        <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
        <Field
          label={texts.account.yourPassword}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          fault={fields.password}
        />
        <Submit look="main" pending={texts.account.proving}>
          {texts.account.goOn}
        </Submit>
      </Form>
    </div>
  )
}
