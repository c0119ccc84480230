// A seller edits a listed ticket. The version that was read is submitted too: an edit of an old version is
// refused and shows the new one.

import { replaceTicket, showTicket } from '@aisle/contracts/api/tickets'
import { data, redirect } from 'react-router'
import { callApi, readApi, refusalPage } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { takeForm } from '../api/draft.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { askAboutSkippedTime, readTicketForm, sayIfEventIsKept } from '../api/ticket-form.server.ts'
import { valuesOf } from '../format/ticket-values.ts'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { TicketForm } from '../parts/ticket-form.tsx'
import { useSellTexts } from '../texts/sell.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/edit-ticket.ts'

export async function loader({ params, context }: Route.LoaderArgs) {
  const user = await requireUser(context)
  const { body: ticket } = await readApi(context, showTicket, { params })
  if (ticket.seller.id !== user.id) throw refusalPage(context, { status: 403, problem: { code: 'forbidden' } })
  // The ticket's own page says why it cannot be changed.
  if (ticket.status !== 'listed') throw redirect(`/tickets/${ticket.id}`)
  return { ticket, resumed: takeForm(context), idempotencyKey: crypto.randomUUID() }
}

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { idempotencyKey } = typed
  const { body: ticket } = await readApi(context, showTicket, { params })
  const skipped = askAboutSkippedTime(typed, ticket)
  if (skipped) return data(skipped, 400)
  const saved = await callApi(context, replaceTicket, {
    params,
    body: readTicketForm(typed, ticket),
    version: Number(typed.version),
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
  if (!saved.ok) return reject(context, typed, saved)
  sayIfEventIsKept(context, typed, saved.body)
  return redirect(`/tickets/${params.id}`, 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function EditTicket({ loaderData, actionData }: Route.ComponentProps) {
  const { ticket, resumed, idempotencyKey } = loaderData
  // What was typed before signing in is an edit of the version shown at that time.
  const version = (!actionData && resumed?.values.version) || String(ticket.version)
  const texts = useSellTexts()
  const format = useFormat()
  return (
    <div className="page max-w-3xl py-8">
      <Head title={texts.sell.editTitle} />
      <h1 className="mb-6 text-title">{texts.sell.editTitle}</h1>
      <TicketForm
        values={valuesOf(ticket, format)}
        event={null}
        rejected={actionData ?? resumed}
        hidden={{ idempotencyKey, version }}
        submit={texts.sell.save}
        pending={texts.sell.saving}
      />
    </div>
  )
}
