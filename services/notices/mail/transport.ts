// How a mail leaves: over SMTP, or into the development mailbox, which is a table.

import type { Service } from '@aisle/kit/boot/service'
import { createTransport } from 'nodemailer'
import { withoutAddresses } from './report.ts'

/** A mail that is ready to be sent. */
export type Outgoing = {
  readonly messageId: string
  /** Where it comes back to; null for the sender. */
  readonly returnTo: string | null
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly { filename: string; contentType: string; content: string }[]
}

/**
 * What became of a mail: the server has taken it; it refused it for good (`refused`, or `unreachable` when it knows no
 * such address); or it is unknown, and the mail must be sent again.
 */
export type Sent =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused' | 'unreachable' | 'unknown'; readonly error: Error }

export type Transport = {
  send(mail: Outgoing): Promise<Sent>
  close(): void
}

/** A server that is silent for longer is taken for dead. */
const connectWithinMs = 10_000
const answerWithinMs = 30_000

/** `url`: smtp:// or smtps://; with smtp:// the connection is encrypted where the server offers it. */
export function smtpTransport(url: string, from: string, connections: number): Transport {
  const mailer = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    connectionTimeout: connectWithinMs,
    greetingTimeout: connectWithinMs,
    socketTimeout: answerWithinMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, returnTo, attachments, ...mail }) {
      try {
        await mailer.sendMail({
          ...mail,
          from,
          // An address object: no part of the address is read as a second recipient.
          to: { name: '', address: to },
          attachments: [...attachments],
          ...(returnTo === null ? {} : { envelope: { from: returnTo, to: [{ name: '', address: to }] } }),
        })
        return { outcome: 'sent' }
      } catch (error) {
        return outcomeOf(error as SmtpError)
      }
    },
    close: () => mailer.close(),
  }
}

type SmtpError = Error & { code?: string; responseCode?: number; command?: string }

/** Replies of 500 to 599 are final (RFC 5321, 4.2.1), except about us: a login or a policy can be put right. */
function outcomeOf(error: SmtpError): Sent {
  const { code, responseCode = 0, command = '' } = error
  error.message = withoutAddresses(error.message)
  const isFinal = responseCode >= 500 && responseCode < 600 && (code === 'EENVELOPE' || code === 'EMESSAGE')
  if (!isFinal) return { outcome: 'unknown', error }
  return { outcome: command === 'RCPT TO' ? 'unreachable' : 'refused', error }
}

/** Keeps mails in the table `mailbox`; a mail that is sent twice is there twice, as in any mailbox. */
export function mailboxTransport({ db: { sql }, newId, clock }: Pick<Service, 'db' | 'newId' | 'clock'>): Transport {
  return {
    async send({ messageId, to, subject, html, text, headers, attachments }) {
      await sql`
        insert into mailbox (id, message_id, recipient, subject, headers, html, plain, attachments, at)
        values (${newId()}, ${messageId}, ${to.toLowerCase()}, ${subject}, ${JSON.stringify(headers)}::text::jsonb,
          ${html}, ${text}, ${JSON.stringify(attachments)}::text::jsonb, ${clock.now()})`
      return { outcome: 'sent' }
    },
    close() {},
  }
}
