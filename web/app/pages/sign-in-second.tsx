// The second step of a sign-in, after the right password. Then on to the page that was wanted.

import { signInSecond } from '@aisle/contracts/api/users'
import type { SignedByPasskey } from '@aisle/contracts/passkeys'
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
import { PasskeyButton, passkeyIntent } from '../passkeys/passkey-button.tsx'
import { readPasskey } from '../passkeys/read-passkey.ts'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import { useSecurityTexts } from '../texts/security.ts'
import type { Route } from './+types/sign-in-second.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const to = safeReturnPath(searchParams.get('to'))
  const step = readSecondStep(context)
  if (!step) throw redirect((await currentUserOf(context)) ? to : signInPath(to))
  const { methods } = step
  const wantsRecovery = searchParams.get('with') === 'recovery-code'
  const factor = methods.includes('authenticator') ? 'authenticator' : 'passkey'
  return { to, methods, ask: wantsRecovery || !methods.includes(factor) ? 'recovery-code' : factor } as const
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const challenge = readSecondStep(context)?.challenge ?? ''
  const { passkey, code = '', ...rest } = typed
  const given = typed.intent === passkeyIntent ? { passkey: readPasskey<SignedByPasskey>(passkey) } : { code }
  const signedIn = await callApi(context, signInSecond, { body: { challenge, ...given } })
  if (!signedIn.ok) return reject(context, rest, signedIn)
  dropSecondStep(context)
  return redirect(safeReturnPath(typed.to), 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function SignInSecond({ loaderData: { to, methods, ask }, actionData: rejected }: Route.ComponentProps) {
  const texts = { ...useSecurityTexts(), ...usePasskeyTexts() }
  const isRecovery = ask === 'recovery-code'
  const isOver = rejected?.code === 'second-step-over'
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.security.secondStep} />
      <h1 className="text-title">{texts.security.secondStep}</h1>
      {!isOver && (
        <p className="mt-2 text-muted">
          {ask === 'passkey' ? texts.passkeys.useBody : isRecovery ? texts.security.fromList : texts.security.fromApp}
        </p>
      )}
      <Form method="post" noValidate className="mt-8 grid gap-5">
        <Rejection rejected={rejected} />
        {!isOver && ask !== 'passkey' && (
          <>
            <input type="hidden" name="to" value={to} />
            <CodeField texts={texts.security} isRecovery={isRecovery} fault={faultsOf(rejected, texts).fields.code} />
            <Submit look="main" pending={texts.signIn.submitting}>
              {texts.signIn.submit}
            </Submit>
          </>
        )}
      </Form>
      {!isOver && !isRecovery && methods.includes('passkey') && (
        <div className="mt-5">
          <PasskeyButton
            begin={{ path: '/sign-in/second/options', isPage: true }}
            fields={{ to }}
            look={ask === 'passkey' ? 'main' : 'plain'}
          >
            {texts.passkeys.use}
          </PasskeyButton>
        </div>
      )}
      <div className="mt-6 grid justify-items-start gap-3">
        {!isOver && !isRecovery && methods.includes('recovery-code') && (
          <Link className="link" to={secondStepPath(to, 'recovery-code')}>
            {texts.security.useRecoveryCode}
          </Link>
        )}
        {!isOver && isRecovery && methods.some((method) => method !== 'recovery-code') && (
          <Link className="link" to={secondStepPath(to)}>
            {methods.includes('authenticator') ? texts.security.useApp : texts.passkeys.use}
          </Link>
        )}
        <Link className="link" to={signInPath(to)}>
          {texts.security.startAgain}
        </Link>
      </div>
    </div>
  )
}
