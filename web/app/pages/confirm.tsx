// The link in the mail that confirms an address, be it that of an account or a new one.

import { confirmAddress } from '@aisle/contracts/api/users'
import { data, Link } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { readForm, reject, sameForBadLinks } from '../api/forms.server.ts'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { PressedLink } from '../parts/pressed-link.tsx'
import { useLinkTexts } from '../texts/links.ts'
import type { Route } from './+types/confirm.ts'

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const confirmed = await callApi(context, confirmAddress, { body: { token: params.token } })
  return confirmed.ok ? data({ done: true } as const) : reject(context, typed, sameForBadLinks(confirmed))
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Confirm({ actionData }: Route.ComponentProps) {
  const { links } = useLinkTexts()
  return (
    <PressedLink
      title={links.confirmTitle}
      body={links.confirmBody}
      press={links.confirm}
      pressing={links.confirming}
      done={links.confirmed}
      doneHint={links.confirmedHint}
      answered={actionData}
      next={
        <Link className="link" to="/account">
          {links.toAccount}
        </Link>
      }
    />
  )
}
