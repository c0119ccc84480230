// Asks the user to confirm that it is they, then goes on to the page that was wanted: with the second factor, or with
// the password of an account that has none.

import { prove } from '@aisle/contracts/api/users'
import type { SignedByPasskey } from '@aisle/contracts/passkeys'
import { Form, Link, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { loadFactors } from '../api/load-factors.server.ts'
import { provePath, safeReturnPath } from '../format/return-path.ts'
import { Submit } from '../parts/button.tsx'
import { CodeField } from '../parts/code-field.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { faultsOf, Rejection } from '../parts/rejection.tsx'
import { PasskeyButton, passkeyIntent } from '../passkeys/passkey-button.tsx'
import { readPasskey } from '../passkeys/read-passkey.ts'
import { useAccountTexts } from '../texts/account.ts'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import { useSecurityTexts } from '../texts/security.ts'
import type { Route } from './+types/prove.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { email } = await requireUser(context)
  const { searchParams } = new URL(request.url)
  const { authenticator, passkeys, recoveryCodesLeft } = await loadFactors(context)
  const hasFactor = authenticator !== null || passkeys.length > 0
  const wantsRecovery = searchParams.get('with') === 'recovery-code'
  const factor = wantsRecovery ? 'recovery-code' : authenticator ? 'authenticator' : 'passkey'
  return {
    email,
    to: safeReturnPath(searchParams.get('to')),
    ask: hasFactor ? factor : 'password',
    hasPasskey: passkeys.length > 0 && !wantsRecovery,
    hasCodes: hasFactor && recoveryCodesLeft > 0,
  }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { password = '', code, passkey, ...rest } = typed
  const isPasskey = typed.intent === passkeyIntent
  const given = isPasskey
    ? { passkey: readPasskey<SignedByPasskey>(passkey) }
    : code === undefined
      ? { password }
      : { code }
  const proved = await callApi(context, prove, { body: given })
  return proved.ok ? redirect(safeReturnPath(typed.to), 303) : reject(context, rest, proved)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Prove({
  loaderData: { email, to, ask, hasPasskey, hasCodes },
  actionData: rejected,
}: Route.ComponentProps) {
  const texts = { ...useAccountTexts(), ...useSecurityTexts(), ...usePasskeyTexts() }
  const { fields } = faultsOf(rejected, texts)
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.account.prove} />
      <h1 className="text-title">{texts.account.prove}</h1>
      <p className="mt-2 text-muted">{texts.account.proveBody}</p>
      {ask !== 'password' && (
        <p className="mt-2 text-muted">
          {ask === 'passkey'
            ? texts.passkeys.useBody
            : ask === 'authenticator'
              ? texts.security.fromApp
              : texts.security.fromList}
        </p>
      )}
      <Form method="post" noValidate className="mt-8 grid gap-5">
        <Rejection rejected={rejected} labels={{ password: texts.account.yourPassword }} />
        <input type="hidden" name="to" value={to} />
        {ask === 'password' ? (
          <>
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
          </>
        ) : (
          ask !== 'passkey' && (
            <CodeField texts={texts.security} isRecovery={ask === 'recovery-code'} fault={fields.code} />
          )
        )}
        {ask !== 'passkey' && (
          <Submit look="main" pending={texts.account.proving}>
            {texts.account.goOn}
          </Submit>
        )}
      </Form>
      {hasPasskey && (
        <div className="mt-5">
          <PasskeyButton
            begin={{ path: '/api/users/me/proof/options' }}
            fields={{ to }}
            look={ask === 'passkey' ? 'main' : 'plain'}
          >
            {texts.passkeys.use}
          </PasskeyButton>
        </div>
      )}
      {(ask === 'authenticator' || ask === 'passkey') && hasCodes && (
        <p className="mt-6">
          <Link className="link" to={`${provePath(to)}&with=recovery-code`}>
            {texts.security.useRecoveryCode}
          </Link>
        </p>
      )}
    </div>
  )
}
