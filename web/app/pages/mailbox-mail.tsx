// A mail in the development mailbox: as a mail program shows it, as text, and with its headers.

import { mailboxMail } from '@aisle/contracts/api/notices'
import { Link } from 'react-router'
import { readApi } from '../api/call-api.server.ts'
import { Head } from '../parts/head.tsx'
import { useMailboxTexts } from '../texts/mailbox.ts'
import type { Route } from './+types/mailbox-mail.ts'

export async function loader({ params, context }: Route.LoaderArgs) {
  const { body } = await readApi(context, mailboxMail, { params })
  return body
}

export default function MailPage({ loaderData: mail }: Route.ComponentProps) {
  const texts = useMailboxTexts()
  const headers = [['To', mail.to], ['Subject', mail.subject], ...Object.entries(mail.headers)] as const
  return (
    <div className="page max-w-4xl py-8">
      <Head title={mail.subject} />
      <p className="mb-2 text-small">
        <Link className="link" to="/dev/mail">
          {texts.mailbox.title}
        </Link>
      </p>
      <h1 className="break-words text-title">
        <bdi>{mail.subject}</bdi>
      </h1>
      <iframe
        className="mt-6 h-[44rem] w-full rounded-md border border-line bg-white"
        title={texts.mailbox.html}
        src={`/dev/mail/${mail.id}/html`}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
      />
      <section className="mt-8">
        <h2 className="text-entry">{texts.mailbox.text}</h2>
        <Plain text={mail.text} />
      </section>
      {mail.attachments.map(({ filename, content }) => (
        <section key={filename} className="mt-8">
          <h2 className="text-entry">{filename}</h2>
          <Plain text={content} />
        </section>
      ))}
      <section className="mt-8">
        <h2 className="text-entry">{texts.mailbox.headers}</h2>
        <Plain text={headers.map(([name, value]) => `${name}: ${value}`).join('\n')} />
      </section>
    </div>
  )
}

const address = /(https?:\/\/\S+)/

/** Text with its line breaks, and links where it has addresses. */
function Plain({ text }: { text: string }) {
  const parts = text.split(address).map((part, index) => ({ part, key: `${index} ${part}` }))
  return (
    <pre className="mt-2 whitespace-pre-wrap break-words text-small" dir="auto">
      {parts.map(({ part, key }) =>
        address.test(part) ? (
          <a key={key} className="link" href={part}>
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </pre>
  )
}
