// The development mailbox: every mail that was not sent to a real server.

import { mailbox } from '@aisle/contracts/api/notices'
import { Form, Link } from 'react-router'
import { readApi } from '../api/call-api.server.ts'
import { Submit } from '../parts/button.tsx'
import { Empty } from '../parts/empty.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { Record, Records } from '../parts/record.tsx'
import { useMailboxTexts } from '../texts/mailbox.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/mailbox.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const to = new URL(request.url).searchParams.get('to') ?? ''
  const { body: mails } = await readApi(context, mailbox, { query: to === '' ? {} : { to } })
  return { mails, to }
}

export default function MailboxPage({ loaderData: { mails, to } }: Route.ComponentProps) {
  const texts = useMailboxTexts()
  const format = useFormat()
  return (
    <div className="page max-w-3xl py-8">
      <Head title={texts.mailbox.title} />
      <h1 className="text-title">{texts.mailbox.title}</h1>
      <p className="mt-1 mb-6 max-w-prose text-muted">{texts.mailbox.hint}</p>
      <Form method="get" className="mb-6 flex flex-wrap items-end gap-3">
        <div className="grow">
          <Field label={texts.mailbox.to} name="to" type="email" required={false} defaultValue={to} />
        </div>
        <Submit pending={texts.mailbox.find}>{texts.mailbox.find}</Submit>
      </Form>
      {mails.length === 0 ? (
        <Empty title={texts.mailbox.none} hint={texts.mailbox.noneHint} />
      ) : (
        <Records>
          {mails.map(({ id, to: address, subject, at }) => (
            <Record
              key={id}
              title={
                <Link className="link" to={`/dev/mail/${id}`} reloadDocument>
                  <bdi>{subject}</bdi>
                </Link>
              }
              aside={
                <time dateTime={at}>
                  {format.shortDate(at)}, {format.timeWithZone(at)}
                </time>
              }
            >
              <span className="break-all">{address}</span>
            </Record>
          ))}
        </Records>
      )}
    </div>
  )
}
