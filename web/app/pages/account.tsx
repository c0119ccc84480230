// The user's details, the password, the devices, and signing out everywhere.

import {
  askAddress,
  askConfirmation,
  editMe,
  endSession,
  mySessions,
  signOutEverywhere,
} from '@aisle/contracts/api/users'
import { data, Form, Link, redirect } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { takeForm } from '../api/draft.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { loadFactors } from '../api/load-factors.server.ts'
import { isReachable } from '../api/reachable.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import { Submit } from '../parts/button.tsx'
import { Devices } from '../parts/devices.tsx'
import { Field, SelectField } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { faultsOf, type Rejected, Rejection } from '../parts/rejection.tsx'
import { Unconfirmed } from '../parts/unconfirmed.tsx'
import { Unreachable } from '../parts/unreachable.tsx'
import { useAccountTexts } from '../texts/account.ts'
import { offered } from '../texts/languages.ts'
import { useSecurityTexts } from '../texts/security.ts'
import type { Route } from './+types/account.ts'

export async function loader({ context }: Route.LoaderArgs) {
  const { email, name = '', phone = '', language = 'en', confirmed = true } = await requireUser(context)
  const [{ body: devices }, factors] = await Promise.all([readApi(context, mySessions, {}), loadFactors(context)])
  const resumed = takeForm(context)
  const said = takeSaid(context, 'about-me-saved', 'password-saved', 'device-ended', 'address-asked')
  return {
    email,
    name,
    phone,
    language,
    confirmed,
    devices,
    isTwoSteps: factors.authenticator !== null || factors.passkeys.length > 0,
    resumed,
    saved: said?.what,
    reachable: await isReachable(context),
  }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  if (typed.intent === 'everywhere') {
    await readApi(context, signOutEverywhere, {})
    return redirect('/', 303)
  }
  if (typed.intent === 'end') {
    const ended = await callApi(context, endSession, { params: { id: typed.session ?? '' } })
    // A device that is already gone is signed out, too.
    if (!ended.ok && ended.problem.code !== 'not-found') return reject(context, typed, ended)
    sayNext(context, 'device-ended')
    return redirect('/account#devices', 303)
  }
  if (typed.intent === 'confirmation') {
    const asked = await callApi(context, askConfirmation, {})
    // No redirect: the form may be on another page, and that page stays as it is.
    return asked.ok ? data({ sent: true } as const) : reject(context, typed, asked)
  }
  if (typed.intent === 'address') {
    const asked = await callApi(context, askAddress, { body: { email: typed.email ?? '' } })
    if (!asked.ok) return reject(context, typed, asked)
    sayNext(context, 'address-asked')
    return redirect('/account#address', 303)
  }
  const { intent, name = '', phone = '', language, password = '', currentPassword = '' } = typed
  const body =
    intent === 'password'
      ? { password, currentPassword }
      : { name: name.trim(), phone: phone.trim(), ...languageOf(language) }
  const saved = await callApi(context, editMe, { body })
  if (!saved.ok) return reject(context, typed, saved)
  sayNext(context, intent === 'password' ? 'password-saved' : 'about-me-saved')
  return redirect('/account', 303)
}

/** A language that is not offered is left as it is. */
const languageOf = (chosen: string | undefined) => {
  const language = offered.find((one) => one === chosen)
  return language ? { language } : {}
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Account({
  loaderData: { email, name, phone, language, confirmed, devices, isTwoSteps, resumed, saved, reachable },
  actionData,
}: Route.ComponentProps) {
  const texts = { ...useAccountTexts(), ...useSecurityTexts() }
  // Passwords are not kept, so there is nothing of that form to restore.
  const refused = actionData && 'code' in actionData ? actionData : undefined
  const rejected = refused ?? (resumed?.values.intent === 'password' ? undefined : resumed)
  return (
    <div className="page max-w-2xl py-8">
      <Head title={texts.account.title} />
      <h1 className="text-title">{texts.account.title}</h1>
      <p className="mt-1 text-muted">{email}</p>
      {!confirmed && (
        <div className="mt-6">
          <Unconfirmed email={email} answered={actionData} />
        </div>
      )}
      <div className="mt-6 empty:hidden">
        <Unreachable reachable={reachable} />
      </div>
      <div className="mt-8 grid gap-12">
        <section>
          <h2 className="mb-4 text-entry">{texts.account.who}</h2>
          {saved === 'about-me-saved' && <Saved text={texts.account.saved} />}
          <AboutMe name={name} phone={phone} language={language} rejected={of('who', rejected)} />
        </section>
        <section>
          <h2 className="mb-4 text-entry">{texts.account.password}</h2>
          {saved === 'password-saved' && <Saved text={texts.account.passwordSaved} />}
          <NewPassword email={email} rejected={of('password', rejected)} />
        </section>
        <section>
          <h2 className="mb-4 text-entry">{texts.security.twoSteps}</h2>
          <p>{isTwoSteps ? texts.security.isOn : texts.security.isOff}</p>
          <p className="mt-2">
            <Link className="link" to="/account/security">
              {texts.security.manage}
            </Link>
          </p>
        </section>
        <section id="address">
          <h2 className="mb-4 text-entry">{texts.account.address}</h2>
          {saved === 'address-asked' && <Saved text={texts.account.addressAsked} />}
          <NewAddress rejected={of('address', rejected)} />
        </section>
        <section id="devices">
          <h2 className="mb-4 text-entry">{texts.account.devices}</h2>
          {saved === 'device-ended' && <Saved text={texts.account.deviceEnded} />}
          <Devices devices={devices} rejected={of('end', rejected)} />
          <div className="mt-6 flex flex-wrap gap-3">
            <Form method="post" action="/sign-out">
              <Submit pending={texts.site.signOut}>{texts.site.signOut}</Submit>
            </Form>
            <Form method="post">
              <Submit intent="everywhere" pending={texts.account.everywhere}>
                {texts.account.everywhere}
              </Submit>
            </Form>
          </div>
          <p className="mt-3 text-small text-muted">{texts.account.everywhereHint}</p>
        </section>
        <section>
          <h2 className="mb-2 text-entry">{texts.account.data}</h2>
          <p className="text-muted">{texts.account.dataHint}</p>
          <p className="mt-3">
            <Link className="link" to="/account/data">
              {texts.account.dataLink}
            </Link>
          </p>
        </section>
        <section id="erasure">
          <h2 className="mb-2 text-entry">{texts.account.erasure}</h2>
          <p className="mb-3 text-small text-muted">{texts.account.erasureHint}</p>
          <Link className="link" to="/account/erasure">
            {texts.account.erasureMore}
          </Link>
        </section>
      </div>
    </div>
  )
}

/** A refusal belongs to the form that was submitted; a lost network to all forms. */
const of = (intent: string, rejected: Rejected | undefined) =>
  rejected?.code === 'offline' || rejected?.values.intent === intent ? rejected : undefined

type AboutMeProps = { name: string; phone: string; language: string; rejected: Rejected | undefined }

function AboutMe({ name, phone, language, rejected }: AboutMeProps) {
  const texts = useAccountTexts()
  const { fields } = faultsOf(rejected, texts)
  return (
    <Form method="post" noValidate className="grid gap-5">
      <Rejection rejected={rejected} labels={{ name: texts.account.name, phone: texts.account.phone }} />
      <Field
        label={texts.account.name}
        name="name"
        hint={texts.account.nameHint}
        autoComplete="name"
        maxLength={80}
        required={false}
        defaultValue={rejected?.values.name ?? name}
        fault={fields.name}
      />
      <Field
        label={texts.account.phone}
        name="phone"
        type="tel"
        hint={texts.account.phoneHint}
        autoComplete="tel"
        maxLength={80}
        required={false}
        defaultValue={rejected?.values.phone ?? phone}
        fault={fields.phone}
      />
      <SelectField
        label={texts.account.mailLanguage}
        name="language"
        defaultValue={rejected?.values.language ?? language}
        fault={fields.language}
      >
        {offered.map((one) => (
          <option key={one} value={one}>
            {texts.site.languageNames[one]}
          </option>
        ))}
      </SelectField>
      <div>
        <Submit look="main" intent="who" pending={texts.account.save}>
          {texts.account.save}
        </Submit>
      </div>
    </Form>
  )
}

function NewPassword({ email, rejected }: { email: string; rejected: Rejected | undefined }) {
  const texts = useAccountTexts()
  const { fields } = faultsOf(rejected, texts)
  return (
    <Form method="post" noValidate className="grid gap-5">
      <Rejection
        rejected={rejected}
        labels={{ password: texts.account.newPassword, currentPassword: texts.account.currentPassword }}
      />
      {/* For password managers, which need to know the account. */}
      <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field
        label={texts.account.currentPassword}
        name="currentPassword"
        type="password"
        autoComplete="current-password"
        fault={fields.currentPassword}
      />
      <Field
        label={texts.account.newPassword}
        name="password"
        type="password"
        hint={texts.signUp.passwordHint}
        autoComplete="new-password"
        fault={fields.password}
      />
      <div className="grid justify-items-start gap-2">
        <Submit intent="password" pending={texts.account.changePassword}>
          {texts.account.changePassword}
        </Submit>
        <p className="text-small text-muted">{texts.account.changePasswordHint}</p>
      </div>
    </Form>
  )
}

function NewAddress({ rejected }: { rejected: Rejected | undefined }) {
  const texts = useAccountTexts()
  const { fields } = faultsOf(rejected, texts)
  return (
    <Form method="post" noValidate className="grid gap-5">
      <Rejection rejected={rejected} labels={{ email: texts.account.newAddress }} />
      <Field
        label={texts.account.newAddress}
        name="email"
        type="email"
        autoComplete="email"
        defaultValue={rejected?.values.email}
        fault={fields.email}
      />
      <div className="grid justify-items-start gap-2">
        <Submit intent="address" pending={texts.account.sending}>
          {texts.account.changeAddress}
        </Submit>
        <p className="text-small text-muted">{texts.account.changeAddressHint}</p>
      </div>
    </Form>
  )
}

const Saved = ({ text }: { text: string }) => (
  <div className="mb-5">
    <Notice look="good" announce title={text} />
  </div>
)
