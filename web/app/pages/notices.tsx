// What the visitor was told, and which mails they get.

import { chooseMail, myMail, myNotices, reachAgain, readNotices } from '@aisle/contracts/api/notices'
import type { MailChoice, Notice as Told } from '@aisle/contracts/entities'
import { useEffect, useState } from 'react'
import { data, Form, Link, redirect, useFetcher } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import { visitOf } from '../api/visit.server.ts'
import { Submit } from '../parts/button.tsx'
import { Empty } from '../parts/empty.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { MailStatus } from '../parts/mail-status.tsx'
import { Notice } from '../parts/notice.tsx'
import { Pager } from '../parts/pager.tsx'
import { Rejection } from '../parts/rejection.tsx'
import { Unreachable } from '../parts/unreachable.tsx'
import { apiLanguage } from '../texts/languages.ts'
import { useNoticesTexts } from '../texts/notices.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/notices.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const after = new URL(request.url).searchParams.get('after')
  const language = apiLanguage(visitOf(context).language)
  const [{ body: notices, next }, { body: mail }] = await Promise.all([
    readApi(context, myNotices, { query: { language, ...(after ? { after } : {}) } }),
    readApi(context, myMail, { query: { language } }),
  ])
  return { notices, next, mail, saved: takeSaid(context, 'mail-chosen') !== null }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  if (typed.intent === 'read') {
    const read = await callApi(context, readNotices, { body: { upTo: typed.upTo ?? '' } })
    return read.ok ? redirect('/notices', 303) : reject(context, typed, read)
  }
  if (typed.intent === 'reachable') {
    const reached = await callApi(context, reachAgain, {})
    // No redirect: the form may be on another page, and that page stays as it is.
    return reached.ok ? data({ reached: true } as const) : reject(context, typed, reached)
  }
  const { kind = '', mail } = typed
  const chosen = await callApi(context, chooseMail, { body: { kind, mail: mail === 'on' } })
  if (!chosen.ok) return reject(context, typed, chosen)
  sayNext(context, 'mail-chosen')
  return redirect('/notices#mail', 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function NoticesPage({ loaderData: { notices, next, mail, saved }, actionData }: Route.ComponentProps) {
  const texts = useNoticesTexts()
  const refused = actionData && 'code' in actionData ? actionData : undefined
  const newest = notices[0]
  const unread = notices.filter(({ readAt }) => readAt === undefined).map(({ id }) => id)
  const fresh = useFreshUntilLeft(unread, newest?.id)
  return (
    <div className="page max-w-3xl py-8">
      <Head title={texts.notices.title} />
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="text-title">{texts.notices.title}</h1>
        {newest && unread.length > 0 && (
          <Form method="post">
            <input type="hidden" name="upTo" value={newest.id} />
            <Submit intent="read" pending={texts.notices.readAll}>
              {texts.notices.readAll}
            </Submit>
          </Form>
        )}
      </div>
      <Rejection rejected={refused?.values.intent === 'reachable' ? undefined : refused} />
      {notices.length === 0 ? (
        <Empty title={texts.notices.none} hint={texts.notices.noneHint} />
      ) : (
        <ul className="mt-6 grid border-line border-t">
          {notices.map((notice) => (
            <Entry key={notice.id} notice={notice} isFresh={fresh.has(notice.id)} />
          ))}
        </ul>
      )}
      <Pager next={next} more={texts.mine.more} first={texts.mine.first} />
      <section id="mail" className="mt-12">
        <h2 className="text-entry">{texts.notices.byMail}</h2>
        <p className="mt-1 mb-4 max-w-prose text-muted">{texts.notices.byMailHint}</p>
        <div className="mb-4 empty:hidden">
          <Unreachable reachable={mail.reachable} answered={actionData} />
        </div>
        {saved && (
          <div className="mb-4">
            <Notice look="good" announce title={texts.notices.saved} />
          </div>
        )}
        <ul className="grid border-line border-t">
          {mail.choices.map((choice) => (
            <Choice key={choice.kind} choice={choice} />
          ))}
        </ul>
      </section>
    </div>
  )
}

/** With JavaScript, what is shown counts as read. It stays marked as new until the page is left. */
function useFreshUntilLeft(unread: readonly string[], newest: string | undefined): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set(unread))
  const { submit } = useFetcher()
  const news = unread.filter((id) => !fresh.has(id))
  if (news.length > 0) setFresh(new Set([...fresh, ...news]))
  const mustRead = unread.length > 0
  useEffect(() => {
    if (mustRead && newest) submit({ intent: 'read', upTo: newest }, { method: 'post' })
  }, [mustRead, newest, submit])
  return fresh
}

function Entry({ notice: { title, text, action, madeAt, mail }, isFresh }: { notice: Told; isFresh: boolean }) {
  const texts = useNoticesTexts()
  const format = useFormat()
  return (
    <li className="grid min-w-0 gap-1 border-line border-b py-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h2 className="min-w-0 break-words font-semibold text-base">
          {isFresh && <span className="unread me-2">{texts.notices.fresh}</span>}
          <bdi>{title}</bdi>
        </h2>
        <time className="numbers text-muted text-small" dateTime={madeAt}>
          {format.shortDate(madeAt)}, {format.timeWithZone(madeAt)}
        </time>
      </div>
      <p className="max-w-prose break-words">{text}</p>
      <div className="flex flex-wrap items-center gap-x-5 text-small text-muted">
        {action && (
          <Link className="link inline-flex min-h-9 items-center text-ink" to={action.path}>
            {action.text}
          </Link>
        )}
        {mail && <MailStatus mail={mail} />}
      </div>
    </li>
  )
}

function Choice({ choice: { kind, name, mail } }: { choice: MailChoice }) {
  const texts = useNoticesTexts()
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-line border-b py-3">
      <span>
        {name} <span className="text-muted">{mail ? texts.notices.mailOn : texts.notices.mailOff}</span>
      </span>
      <Form method="post" aria-label={name}>
        <input type="hidden" name="kind" value={kind} />
        <input type="hidden" name="mail" value={mail ? 'off' : 'on'} />
        <Submit intent="choose" pending={texts.notices.saving}>
          {mail ? texts.notices.switchOff : texts.notices.switchOn}
        </Submit>
      </Form>
    </li>
  )
}
