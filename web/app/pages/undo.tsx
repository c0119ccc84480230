// The link in the mail to the old address that undoes a change of address.

import { undoAddress } from '@aisle/contracts/api/users'
import { data, Link } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { readForm, reject, sameForBadLinks } from '../api/forms.server.ts'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { PressedLink } from '../parts/pressed-link.tsx'
import { useLinkTexts } from '../texts/links.ts'
import type { Route } from './+types/undo.ts'

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const undone = await callApi(context, undoAddress, { body: { token: params.token } })
  return undone.ok ? data({ done: true } as const) : reject(context, typed, sameForBadLinks(undone))
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Undo({ actionData }: Route.ComponentProps) {
  const { links } = useLinkTexts()
  return (
    <PressedLink
      title={links.undoTitle}
      body={links.undoBody}
      press={links.undo}
      pressing={links.undoing}
      done={links.undone}
      doneHint={links.undoneHint}
      answered={actionData}
      next={
        <Link className="link" to="/forgot">
          {links.askAgain}
        </Link>
      }
    />
  )
}
