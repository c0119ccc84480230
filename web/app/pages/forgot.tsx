// Asks for a mail with a link to set another password. The page says the same whether there is an account or not.

import { askReset } from '@aisle/contracts/api/users'
import { data, Form, Link } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { faultsOf, Rejection } from '../parts/rejection.tsx'
import { useLinkTexts } from '../texts/links.ts'
import type { Route } from './+types/forgot.ts'

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const asked = await callApi(context, askReset, { body: { email: typed.email ?? '' } })
  return asked.ok ? data({ sentTo: typed.email ?? '' } as const) : reject(context, typed, asked)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Forgot({ actionData }: Route.ComponentProps) {
  const texts = useLinkTexts()
  const sentTo = actionData && 'sentTo' in actionData ? actionData.sentTo : null
  const rejected = actionData && 'code' in actionData ? actionData : undefined
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={texts.links.forgotTitle} />
      <h1 className="text-title">{texts.links.forgotTitle}</h1>
      {sentTo === null ? (
        <>
          <p className="mt-2 text-muted">{texts.links.forgotBody}</p>
          <Form method="post" noValidate className="mt-8 grid gap-5">
            <Rejection rejected={rejected} labels={{ email: texts.signIn.email }} />
            <Field
              label={texts.signIn.email}
              name="email"
              type="email"
              autoComplete="username"
              required
              defaultValue={rejected?.values.email}
              fault={faultsOf(rejected, texts).fields.email}
            />
            <Submit look="main" pending={texts.links.sending}>
              {texts.links.sendLink}
            </Submit>
          </Form>
        </>
      ) : (
        <div className="mt-8">
          <Notice look="good" announce title={texts.links.forgotSent}>
            <p>{texts.links.forgotSentHint}</p>
            <p className="mt-1">
              <bdi className="font-semibold break-all">{sentTo}</bdi>
            </p>
          </Notice>
        </div>
      )}
      <p className="mt-6">
        <Link className="link" to="/sign-in">
          {texts.links.backToSignIn}
        </Link>
      </p>
    </div>
  )
}
