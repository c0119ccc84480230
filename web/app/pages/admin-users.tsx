// Accounts: found by email or id, banned and unbanned. A ban needs a reason, for the record.

import { banUser, browseAccounts, unbanUser } from '@aisle/contracts/api/users'
import type { Account } from '@aisle/contracts/entities'
import { Form, redirect } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { takeForm } from '../api/draft.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { Pager } from '../parts/pager.tsx'
import { Record, RecordLink, Records } from '../parts/record.tsx'
import { faultsOf, type Rejected, Rejection } from '../parts/rejection.tsx'
import { useAdminTexts } from '../texts/admin.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-users.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const [q, after] = [searchParams.get('q')?.trim() ?? '', searchParams.get('after')]
  const accounts = await readApi(context, browseAccounts, {
    query: { limit: 20, ...(q ? { q } : {}), ...(after ? { after } : {}) },
  })
  const resumed = takeForm(context)
  return {
    q,
    accounts: accounts.body,
    next: accounts.next,
    resumed,
    done: takeSaid(context, 'banned', 'unbanned')?.what,
  }
}

export async function action({ request, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const { id = '', intent, reason = '' } = typed
  const changed =
    intent === 'unban'
      ? await callApi(context, unbanUser, { params: { id } })
      : await callApi(context, banUser, { params: { id }, body: { reason } })
  if (!changed.ok) return reject(context, typed, changed)
  sayNext(context, intent === 'unban' ? 'unbanned' : 'banned')
  return redirect(`/admin/users?${new URLSearchParams({ q: id })}`, 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function AdminUsers({ loaderData, actionData }: Route.ComponentProps) {
  const { q, accounts, next, resumed, done } = loaderData
  const rejected = actionData ?? resumed
  const texts = useAdminTexts()
  return (
    <>
      <Head title={texts.admin.users} />
      <h1 className="text-title">{texts.admin.users}</h1>
      <search>
        <Form method="get" className="my-6 grid items-end gap-4 sm:grid-cols-[1fr_auto]">
          <Field
            label={texts.admin.search}
            name="q"
            type="search"
            defaultValue={q}
            maxLength={254}
            autoComplete="off"
          />
          <button type="submit" className="button">
            {texts.admin.show}
          </button>
        </Form>
      </search>
      {!actionData && done && (
        <div className="mb-6">
          <Notice look="good" announce title={done === 'banned' ? texts.admin.bannedNow : texts.admin.unbannedNow} />
        </div>
      )}
      {accounts.length === 0 && <p className="text-muted">{texts.admin.nothing}</p>}
      <Records>
        {accounts.map((account) => (
          <User
            key={account.id}
            account={account}
            rejected={rejected?.code === 'offline' || rejected?.values.id === account.id ? rejected : undefined}
          />
        ))}
      </Records>
      <Pager next={next} more={texts.admin.older} first={texts.admin.newest} />
    </>
  )
}

function User({ account, rejected }: { account: Account; rejected: Rejected | undefined }) {
  const { id, email, name, role, createdAt, bannedAt, banReason, erasedAt } = account
  const texts = useAdminTexts()
  const format = useFormat()
  return (
    <Record
      title={<span className="break-all">{erasedAt ? texts.admin.erasedUser : email}</span>}
      aside={
        erasedAt ? (
          <span className="font-semibold">{texts.admin.erasedOn(format.shortDate(erasedAt))}</span>
        ) : bannedAt ? (
          <span className="font-semibold text-bad">{texts.admin.banned(format.shortDate(bannedAt))}</span>
        ) : (
          role === 'admin' && <span className="font-semibold">{texts.admin.isAdmin}</span>
        )
      }
    >
      <bdi>{name ?? texts.admin.noName}</bdi>
      <span className="numbers">{texts.admin.since(format.longDate(createdAt))}</span>
      <RecordLink to={`/admin/tickets?sellerId=${id}`}>{texts.admin.theirTickets}</RecordLink>
      <RecordLink to={`/admin/orders?buyerId=${id}`}>{texts.admin.theirOrders}</RecordLink>
      <RecordLink to={`/admin/audit?user=${id}`}>{texts.admin.theirRecord}</RecordLink>
      {banReason && (
        <p className="w-full" dir="auto">
          {banReason}
        </p>
      )}
      {role !== 'admin' && !erasedAt && <Ban account={account} rejected={rejected} />}
    </Record>
  )
}

function Ban({ account: { id, email, bannedAt }, rejected }: { account: Account; rejected: Rejected | undefined }) {
  const texts = useAdminTexts()
  if (bannedAt)
    return (
      <Form method="post" className="w-full" aria-label={email}>
        <Rejection rejected={rejected} />
        <input type="hidden" name="id" value={id} />
        <Submit look="quiet" intent="unban" pending={texts.admin.unbanning}>
          {texts.admin.unban}
        </Submit>
      </Form>
    )
  return (
    <details className="w-full" open={rejected !== undefined}>
      <summary className="inline-flex min-h-8 items-center text-ink underline underline-offset-4">
        {texts.admin.ban}
      </summary>
      <Form method="post" noValidate className="mt-3 mb-2 grid max-w-xl gap-4" aria-label={email}>
        <Rejection rejected={rejected} labels={{ reason: texts.admin.reason }} />
        <input type="hidden" name="id" value={id} />
        <p>{texts.admin.banHint}</p>
        <Field
          label={texts.admin.reason}
          name="reason"
          // The field that was refused is the one that the message above links to.
          id={rejected ? undefined : `reason-${id}`}
          maxLength={500}
          autoComplete="off"
          defaultValue={rejected?.values.reason}
          fault={faultsOf(rejected, texts).fields.reason}
        />
        <div>
          <Submit intent="ban" pending={texts.admin.banning}>
            {texts.admin.ban}
          </Submit>
        </div>
      </Form>
    </details>
  )
}
