// Says that we send no mails to the visitor's address, and lets them say that it works again. With JavaScript the page
// around it stays as it is; without, the page of notices answers.

import { useFetcher } from 'react-router'
import { useNoticesTexts } from '../texts/notices.ts'
import { Submit } from './button.tsx'
import { Notice } from './notice.tsx'
import { type Rejected, Rejection } from './rejection.tsx'

type Answered = { reached: true } | Rejected

export function Unreachable({ reachable, answered }: { reachable: boolean; answered?: Answered | undefined }) {
  const texts = useNoticesTexts()
  const { Form, data = answered } = useFetcher<Answered>()
  if (data && 'reached' in data) return <Notice look="good" announce title={texts.notices.reached} />
  if (reachable) return null
  const rejected = data && (data.code === 'offline' || data.values.intent === 'reachable') ? data : undefined
  const isTooSoon = rejected?.code === 'too-many-requests'
  return (
    <Notice look="warn" title={texts.notices.unreachable}>
      <p>{texts.notices.unreachableHint}</p>
      {isTooSoon ? (
        <p role="alert" className="mt-3 font-semibold text-ink">
          {texts.notices.reachedToday}
        </p>
      ) : (
        <Form method="post" action="/notices" className="mt-3">
          <Rejection rejected={rejected} />
          <Submit intent="reachable" pending={texts.notices.worksAgain}>
            {texts.notices.worksAgain}
          </Submit>
        </Form>
      )}
    </Notice>
  )
}
