// The failed messages and work of every service, with a retry for one or for all of a service.

import { failedEndpoints } from '@aisle/contracts/api/messages'
import { services } from '@aisle/contracts/endpoint'
import type { FailedItem } from '@aisle/contracts/entities'
import { Form, redirect } from 'react-router'
import { callApi } from '../api/call-api.server.ts'
import { requireAdmin } from '../api/current-user.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import { Submit } from '../parts/button.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { Record, Records, shortId } from '../parts/record.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { useAdminTexts } from '../texts/admin.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-messages.ts'

export async function loader({ context }: Route.LoaderArgs) {
  await requireAdmin(context)
  const lists = await Promise.all(
    services.map(async (service) => {
      const list = await callApi(context, failedEndpoints(service).list, {}).catch(() => null)
      return { service, messages: list?.ok ? list.body : null }
    }),
  )
  return { lists, replayed: takeSaid(context, 'replayed')?.amount ?? null }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const service = services.find((one) => one === typed.service) ?? 'auth'
  const replayed = await callApi(context, failedEndpoints(service).replay, { body: typed.id ? { id: typed.id } : {} })
  if (!replayed.ok) return reject(context, typed, replayed)
  sayNext(context, 'replayed', { amount: replayed.body.replayed })
  return redirect('/admin/messages', 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function AdminMessages({ loaderData: { lists, replayed }, actionData }: Route.ComponentProps) {
  const texts = useAdminTexts()
  const isEmpty = lists.every(({ messages }) => messages?.length === 0)
  return (
    <>
      <Head title={texts.admin.messages} />
      <h1 className="text-title">{texts.admin.messages}</h1>
      <p className="mt-1 mb-8 max-w-prose text-muted">{texts.admin.messagesHint}</p>
      <Rejection rejected={actionData} />
      {replayed !== null && !actionData && (
        <div className="mb-8">
          <Notice look="good" announce title={texts.admin.replayed(replayed)} />
        </div>
      )}
      {isEmpty && <p className="border-line border-y py-8">{texts.admin.messagesNone}</p>}
      {lists.map(
        ({ service, messages }) =>
          messages?.length !== 0 && <OfService key={service} service={service} messages={messages} />,
      )}
    </>
  )
}

function OfService({ service, messages }: { service: string; messages: readonly FailedItem[] | null }) {
  const texts = useAdminTexts()
  const parked = messages?.filter(({ state }) => state === 'parked').length ?? 0
  return (
    <section className="mb-10" aria-labelledby={service}>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h2 id={service} className="text-entry">
          {service}
        </h2>
        {parked > 1 && <Replay service={service} label={`${texts.admin.replayAll}: ${service}`} />}
      </div>
      {messages ? (
        <Records>
          {messages.map((message) => (
            <Message key={`${message.publisher ?? message.what} ${message.id}`} service={service} message={message} />
          ))}
        </Records>
      ) : (
        <Notice look="warn" title={texts.admin.unreachable} />
      )}
    </section>
  )
}

function Message({ service, message }: { service: string; message: FailedItem }) {
  const { id, publisher, state, tries, error, since, type, subject } = message
  const texts = useAdminTexts()
  const format = useFormat()
  return (
    <Record title={type ?? id} aside={state === 'parked' ? texts.admin.parked : texts.admin.retrying}>
      <span>{publisher ? texts.admin.from(publisher) : texts.admin.work}</span>
      <span className="numbers">{shortId(subject ?? id)}</span>
      <time className="numbers" dateTime={since}>
        {format.shortDate(since)}, {format.timeWithZone(since)}
      </time>
      <span className="numbers">{texts.admin.tries(tries)}</span>
      <p className="w-full break-words py-1 text-ink">{error}</p>
      {state === 'parked' && (
        <Replay service={service} id={id} label={`${texts.admin.replay}: ${type ?? ''} ${shortId(id)}`} />
      )}
    </Record>
  )
}

function Replay({ service, id, label }: { service: string; id?: string; label: string }) {
  const texts = useAdminTexts()
  return (
    <Form method="post" aria-label={label}>
      <input type="hidden" name="service" value={service} />
      {id && <input type="hidden" name="id" value={id} />}
      <Submit intent={id ?? service} pending={texts.admin.replaying}>
        {id ? texts.admin.replay : texts.admin.replayAll}
      </Submit>
    </Form>
  )
}
