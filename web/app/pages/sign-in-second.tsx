// The second step of a sign-in, after the right password. Then on to the page that was wanted.

import { signInSecond } from '@aisle/contracts/api/users'
import { Form, Link, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { currentUserOf } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { dropSecondStep, readSecondStep } from '../api/second-step.server.ts'
import { safeReturnPath, secondStepPath, signInPath } from '../format/return-path.ts'
import { Submit } from '../parts/button.tsx'
import { CodeField } from '../parts/code-field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { faultsOf, Rejection } from '../parts/rejection.tsx'
import { useSecurityTexts } from '../texts/security.ts'
import type { Route } from './+types/sign-in-second.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const to = safeReturnPath(searchParams.get('to'))
  const step = readSecondStep(context)
  if (!step) throw redirect((await currentUserOf(context)) ? to : signInPath(to))
  const isRecovery = searchParams.get('with') === 'recovery-code' || !step.methods.includes('authenticator')
  return { to, methods: step.methods, isRecovery }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const challenge = readSecondStep(context)?.challenge ?? ''
  const signedIn = await callApi(context, signInSecond, { body: { challenge, code: typed.code ?? '' } })
  if (!signedIn.ok) return reject(context, typed, signedIn)
  dropSecondStep(context)
  return redirect(safeReturnPath(typed.to), 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function SignInSecond({
  loaderData: { to, methods, isRecovery },
  actionData: rejected,
}: Route.ComponentProps) {
  const texts = useSecurityTexts()
  const isOver = rejected?.code === 'second-step-over'
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.security.secondStep} />
      <h1 className="text-title">{texts.security.secondStep}</h1>
      {!isOver && <p className="mt-2 text-muted">{isRecovery ? texts.security.fromList : texts.security.fromApp}</p>}
      <Form method="post" noValidate className="mt-8 grid gap-5">
        <Rejection rejected={rejected} />
        {!isOver && (
          <>
            <input type="hidden" name="to" value={to} />
            <CodeField texts={texts.security} isRecovery={isRecovery} fault={faultsOf(rejected, texts).fields.code} />
            <Submit look="main" pending={texts.signIn.submitting}>
              {texts.signIn.submit}
            </Submit>
          </>
        )}
      </Form>
      <div className="mt-6 grid justify-items-start gap-3">
        {!isOver && !isRecovery && methods.includes('recovery-code') && (
          <Link className="link" to={secondStepPath(to, 'recovery-code')}>
            {texts.security.useRecoveryCode}
          </Link>
        )}
        {!isOver && isRecovery && methods.includes('authenticator') && (
          <Link className="link" to={secondStepPath(to)}>
            {texts.security.useApp}
          </Link>
        )}
        <Link className="link" to={signInPath(to)}>
          {texts.security.startAgain}
        </Link>
      </div>
    </div>
  )
}
