// Create an account, then continue to the page that was wanted.

import { signUp } from '@aisle/contracts/api/users'
import { Form, Link, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { currentUserOf } from '../api/current-user.server.ts'
import { filled, readForm, reject } from '../api/forms.server.ts'
import { visitOf } from '../api/visit.server.ts'
import { safeReturnPath, signInPath } from '../format/return-path.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { faultsOf, Rejection } from '../parts/rejection.tsx'
import { mailLanguageOf } from '../texts/languages.ts'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/sign-up.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const to = safeReturnPath(new URL(request.url).searchParams.get('to'))
  if (await currentUserOf(context)) throw redirect(to)
  return { to, idempotencyKey: crypto.randomUUID() }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { email = '', password = '', name, to, idempotencyKey } = typed
  const signedUp = await callApi(context, signUp, {
    body: { email, password, ...filled({ name }), language: mailLanguageOf(visitOf(context).language) },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
  return signedUp.ok ? redirect(safeReturnPath(to), 303) : reject(context, typed, signedUp)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function SignUp({ loaderData: { to, idempotencyKey }, actionData: rejected }: Route.ComponentProps) {
  const texts = useTexts()
  const { fields } = faultsOf(rejected, texts)
  const labels = { name: texts.signUp.name, email: texts.signIn.email, password: texts.signIn.password }
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.signUp.title} />
      <h1 className="text-title">{texts.signUp.title}</h1>
      <Form method="post" noValidate className="mt-8 grid gap-5">
        <Rejection rejected={rejected} labels={labels} />
        <input type="hidden" name="to" value={to} />
        <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
        <Field
          label={labels.name}
          name="name"
          hint={texts.signUp.nameHint}
          autoComplete="name"
          required={false}
          maxLength={80}
          defaultValue={rejected?.values.name}
          fault={fields.name}
        />
        <Field
          label={labels.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={rejected?.values.email}
          fault={fields.email}
        />
        <Field
          label={labels.password}
          name="password"
          type="password"
          hint={texts.signUp.passwordHint}
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={128}
          fault={fields.password}
        />
        <Submit look="main" pending={texts.signUp.submitting}>
          {texts.signUp.submit}
        </Submit>
      </Form>
      <p className="mt-6">
        {texts.signUp.haveAccount}{' '}
        <Link className="link" to={signInPath(to)}>
          {texts.signIn.submit}
        </Link>
      </p>
    </div>
  )
}
