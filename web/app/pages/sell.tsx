// List a ticket. The API's own schema validates the form; its refusals appear beside the fields.

import { showEvent } from '@aisle/contracts/api/events'
import { listTicket, showTicket } from '@aisle/contracts/api/tickets'
import { data, redirect } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { requireUser } from '../api/current-user.server.ts'
import { takeForm } from '../api/draft.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { askAboutSkippedTime, readTicketForm, sayIfEventIsKept } from '../api/ticket-form.server.ts'
import { emptyTicket, valuesOf } from '../format/ticket-values.ts'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { TicketForm } from '../parts/ticket-form.tsx'
import { Unconfirmed } from '../parts/unconfirmed.tsx'
import { useSellTexts } from '../texts/sell.ts'
import { useFormat, useLanguage } from '../texts/use-texts.tsx'
import type { Route } from './+types/sell.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const user = await requireUser(context)
  const resumed = takeForm(context)
  const { searchParams } = new URL(request.url)
  const againId = searchParams.get('again')
  const ticket = againId ? (await readApi(context, showTicket, { params: { id: againId } })).body : null
  // Only the seller's own ticket, which came back, is copied.
  const again = ticket?.seller.id === user.id ? ticket : null
  const eventId = again?.event?.id ?? searchParams.get('event')
  const event = eventId ? (await readApi(context, showEvent, { params: { id: eventId } })).body : null
  const unconfirmed = user.confirmed === false ? user.email : null
  return { event, again, resumed, unconfirmed, idempotencyKey: crypto.randomUUID() }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { idempotencyKey } = typed
  const skipped = askAboutSkippedTime(typed, null)
  if (skipped) return data(skipped, 400)
  const listed = await callApi(context, listTicket, {
    body: readTicketForm(typed, null),
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
  if (!listed.ok) return reject(context, typed, listed)
  sayIfEventIsKept(context, typed, listed.body)
  return redirect(`/tickets/${listed.body.id}`, 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function Sell({
  loaderData: { event, again, resumed, unconfirmed, idempotencyKey },
  actionData,
}: Route.ComponentProps) {
  const texts = useSellTexts()
  const language = useLanguage()
  const format = useFormat()
  return (
    <div className="page max-w-5xl py-8">
      <Head title={texts.sell.title} />
      <h1 className="text-title">{texts.sell.title}</h1>
      <p className="mt-1 max-w-prose text-muted">{texts.sell.intro}</p>
      {unconfirmed && (
        <div className="mt-6 max-w-prose">
          <Unconfirmed email={unconfirmed} />
        </div>
      )}
      <div className="mt-8 grid gap-12 lg:grid-cols-[1fr_18rem]">
        <TicketForm
          values={again ? valuesOf(again, format) : emptyTicket(language)}
          event={event}
          rejected={actionData ?? resumed}
          hidden={{ idempotencyKey }}
          submit={texts.sell.submit}
          pending={texts.sell.submitting}
        />
        <aside>
          <h2 className="text-entry">{texts.sell.next}</h2>
          <ol className="mt-3 grid list-decimal gap-3 ps-5 text-small text-muted">
            {texts.sell.nextSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </aside>
      </div>
    </div>
  )
}
