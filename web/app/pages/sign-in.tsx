// Sign in, with a second step if the account has a second factor, then continue to the page that was wanted.

import { signInByPasskey } from '@aisle/contracts/api/passkeys'
import { signIn } from '@aisle/contracts/api/users'
import type { SignedByPasskey } from '@aisle/contracts/passkeys'
import { Form, Link, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { currentUserOf } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { keepSecondStep } from '../api/second-step.server.ts'
import { safeReturnPath, secondStepPath, signInPath } from '../format/return-path.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { faultsOf, Rejection } from '../parts/rejection.tsx'
import { PasskeyButton, passkeyIntent } from '../passkeys/passkey-button.tsx'
import { readPasskey } from '../passkeys/read-passkey.ts'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import type { Route } from './+types/sign-in.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const to = safeReturnPath(new URL(request.url).searchParams.get('to'))
  if (await currentUserOf(context)) throw redirect(to)
  return { to }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { email = '', password = '', to } = typed
  if (typed.intent === passkeyIntent) {
    const signed = await callApi(context, signInByPasskey, {
      body: { passkey: readPasskey<SignedByPasskey>(typed.passkey) },
    })
    return signed.ok ? redirect(safeReturnPath(to), 303) : reject(context, {}, signed)
  }
  const signedIn = await callApi(context, signIn, { body: { email, password } })
  if (signedIn.ok) return redirect(safeReturnPath(to), 303)
  if (signedIn.problem.code !== 'second-step-needed') return reject(context, typed, signedIn)
  keepSecondStep(context, signedIn.problem)
  return redirect(secondStepPath(to ?? '/'), 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function SignIn({ loaderData: { to }, actionData: rejected }: Route.ComponentProps) {
  const texts = usePasskeyTexts()
  const { fields } = faultsOf(rejected, texts)
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.signIn.title} />
      <h1 className="text-title">{texts.signIn.title}</h1>
      {to !== '/' && <p className="mt-2 text-muted">{texts.signIn.first}</p>}
      <Form method="post" noValidate className="mt-8 grid gap-5">
        <Rejection rejected={rejected} />
        <input type="hidden" name="to" value={to} />
        <Field
          label={texts.signIn.email}
          name="email"
          type="email"
          autoComplete="username webauthn"
          required
          defaultValue={rejected?.values.email}
          fault={fields.email}
        />
        <Field
          label={texts.signIn.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          fault={fields.password}
        />
        <Submit look="main" pending={texts.signIn.submitting}>
          {texts.signIn.submit}
        </Submit>
      </Form>
      <div className="mt-5">
        <PasskeyButton begin={{ path: '/api/users/passkeys/options' }} fields={{ to }} isOffered>
          {texts.passkeys.signIn}
        </PasskeyButton>
      </div>
      <p className="mt-6">
        <Link className="link" to="/forgot">
          {texts.signIn.forgot}
        </Link>
      </p>
      <p className="mt-3">
        {texts.signIn.noAccount}{' '}
        <Link className="link" to={signInPath(to, '/sign-up')}>
          {texts.signIn.signUp}
        </Link>
      </p>
    </div>
  )
}
