// How the user signs in: passkeys, the authenticator app and the recovery codes. Secrets are shown in the answer to
// the form that asked for them, and never again.

import {
  confirmAuthenticator,
  makeRecoveryCodes,
  offerAuthenticator,
  removeAuthenticator,
} from '@aisle/contracts/api/users'
import type { Problem } from '@aisle/contracts/endpoint'
import { data, Link, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { takeDraft } from '../api/draft.server.ts'
import { editPasskeys, isAboutPasskeys } from '../api/edit-passkeys.server.ts'
import { readForm, reject, type Typed } from '../api/forms.server.ts'
import { loadFactors } from '../api/load-factors.server.ts'
import { drawQrCode } from '../api/qr-code.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import type { Context } from '../api/visit.server.ts'
import { AuthenticatorOffer, type Offer } from '../parts/authenticator-offer.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { type Rejected, Rejection } from '../parts/rejection.tsx'
import { Authenticator, NewRecoveryCodes, RecoveryCodes } from '../parts/second-factors.tsx'
import { MyPasskeys } from '../passkeys/my-passkeys.tsx'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import { useSecurityTexts } from '../texts/security.ts'
import type { Route } from './+types/security.ts'

export async function loader({ context }: Route.LoaderArgs) {
  await requireUser(context)
  const factors = await loadFactors(context)
  const intent = takeDraft(context)?.intent
  // An offer changes nothing before it is confirmed, so it may go on by itself after a proof. The rest may not.
  const offered = intent === 'offer' ? await callApi(context, offerAuthenticator, {}) : undefined
  const said = takeSaid(context, 'app-added', 'app-removed', 'passkey-added', 'passkey-removed')
  return {
    factors,
    offer: offered?.ok ? toOffer(offered.body.uri) : undefined,
    isResumed: intent !== undefined && !offered?.ok,
    said: said?.what,
  }
}

type Shown = { offer?: Offer | undefined; codes?: readonly string[]; rejected?: Rejected }

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  if (isAboutPasskeys(typed)) {
    const edited = await editPasskeys(context, typed)
    if (!edited.ok) return refused(context, typed.intent === 'add-passkey' ? {} : typed, edited)
    return edited.codes.length > 0 ? shown({ codes: edited.codes }) : redirect('/account/security', 303)
  }
  switch (typed.intent) {
    case 'offer': {
      const offered = await callApi(context, offerAuthenticator, {})
      return offered.ok ? shown({ offer: toOffer(offered.body.uri) }) : refused(context, typed, offered)
    }
    case 'confirm': {
      const confirmed = await callApi(context, confirmAuthenticator, { body: { code: typed.code ?? '' } })
      if (!confirmed.ok) return refused(context, typed, confirmed, toOffer(typed.secretUri ?? ''))
      const { recoveryCodes: codes } = confirmed.body
      if (codes.length > 0) return shown({ codes })
      sayNext(context, 'app-added')
      return redirect('/account/security', 303)
    }
    case 'codes': {
      const made = await callApi(context, makeRecoveryCodes, {})
      return made.ok ? shown({ codes: made.body.recoveryCodes }) : refused(context, typed, made)
    }
    default: {
      const removed = await callApi(context, removeAuthenticator, {})
      if (!removed.ok && removed.problem.code !== 'not-found') return refused(context, typed, removed)
      sayNext(context, 'app-removed')
      return redirect('/account/security', 303)
    }
  }
}

const shown = (what: Shown, status = 200) => data<Shown>(what, status)

function refused(context: Context, typed: Typed, answer: { status: number; problem: Problem }, offer?: Offer) {
  const { data: rejected } = reject(context, typed, answer)
  return shown({ rejected, offer }, answer.status)
}

/** What the page shows of an offer, from the URI that the app reads; undefined if that is none. */
function toOffer(uri: string): Offer | undefined {
  const secret = URL.canParse(uri) ? new URL(uri).searchParams.get('secret') : null
  return secret && uri.length < 500 ? { uri, secret, qrCode: drawQrCode(uri) } : undefined
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Security({
  loaderData: { factors, offer: resumedOffer, isResumed, said },
  actionData,
}: Route.ComponentProps) {
  const texts = { ...useSecurityTexts(), ...usePasskeyTexts() }
  const done = {
    'app-added': texts.security.appAdded,
    'app-removed': texts.security.appRemoved,
    'passkey-added': texts.passkeys.added,
    'passkey-removed': texts.passkeys.removed,
  }
  const { offer = resumedOffer, codes, rejected } = toShown(actionData)
  return (
    <div className="page max-w-2xl py-8">
      <Head title={texts.security.title} />
      <h1 className="text-title">{texts.security.title}</h1>
      <p className="mt-1">
        <Link className="link" to="/account">
          {texts.security.toAccount}
        </Link>
      </p>
      <div className="mt-6 grid gap-4 empty:hidden">
        {isResumed && !actionData && <Notice look="good" announce title={texts.security.resumed} />}
        {said && <Notice look="good" announce title={done[said]} />}
        {!offer && <Rejection rejected={rejected} />}
      </div>
      {codes ? (
        <NewRecoveryCodes codes={codes} />
      ) : (
        <div className="mt-8 grid gap-12">
          <section>
            <h2 className="mb-4 text-entry">{texts.passkeys.title}</h2>
            <MyPasskeys list={factors.passkeys} />
          </section>
          <section>
            <h2 className="mb-4 text-entry">{texts.security.app}</h2>
            {offer ? (
              <AuthenticatorOffer offer={offer} rejected={rejected} />
            ) : (
              <Authenticator authenticator={factors.authenticator} />
            )}
          </section>
          {(factors.authenticator || factors.passkeys.length > 0) && (
            <section>
              <h2 className="mb-4 text-entry">{texts.security.codes}</h2>
              <RecoveryCodes left={factors.recoveryCodesLeft} />
            </section>
          )}
        </div>
      )}
    </div>
  )
}

/** While offline the form comes back as it was. */
const toShown = (answered: Shown | Rejected | undefined): Shown =>
  answered && 'code' in answered ? { rejected: answered } : (answered ?? {})
