// Says that the address is not confirmed yet, and offers the mail again. With JavaScript the page around it stays as
// it is, with what was typed; without, the account page answers.

import { useFetcher } from 'react-router'
import { useTexts } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Notice } from './notice.tsx'
import { type Rejected, Rejection } from './rejection.tsx'

/** The account page's answer to this form, or to another one. */
export type Answered = { sent: true } | Rejected

export function Unconfirmed({ email, answered }: { email: string; answered?: Answered | undefined }) {
  const texts = useTexts()
  const { Form, data = answered } = useFetcher<Answered>()
  const isSent = data !== undefined && 'sent' in data
  const rejected =
    data && 'code' in data && (data.code === 'offline' || data.values.intent === 'confirmation') ? data : undefined
  return (
    <Notice look="warn" title={texts.unconfirmed.title}>
      <p>{texts.unconfirmed.hint}</p>
      <p className="mt-1">
        <bdi className="font-semibold break-all">{email}</bdi>
      </p>
      <div role="status">{isSent && <p className="mt-3 font-semibold text-ink">{texts.unconfirmed.sent}</p>}</div>
      {!isSent && (
        <Form method="post" action="/account" className="mt-3">
          <Rejection rejected={rejected} />
          <Submit intent="confirmation" pending={texts.unconfirmed.sending}>
            {texts.unconfirmed.sendAgain}
          </Submit>
        </Form>
      )}
    </Notice>
  )
}
