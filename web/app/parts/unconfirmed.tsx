// Says that the address is not confirmed yet, and offers the mail again.

import { Form } from 'react-router'
import { useTexts } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Notice } from './notice.tsx'

export function Unconfirmed({ email }: { email: string }) {
  const texts = useTexts()
  return (
    <Notice look="warn" title={texts.links.unconfirmed}>
      <p>{texts.links.unconfirmedHint}</p>
      <p className="mt-1">
        <bdi className="font-semibold break-all">{email}</bdi>
      </p>
      <Form method="post" action="/account" className="mt-3">
        <Submit intent="confirmation" pending={texts.links.sending}>
          {texts.links.sendAgain}
        </Submit>
      </Form>
    </Notice>
  )
}
