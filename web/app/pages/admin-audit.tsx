// The audit log of all services, by user and by action: what was done and what was refused.

import { AuditAction } from '@aisle/contracts/entities'
import { Form } from 'react-router'
import { requireAdmin } from '../api/current-user.server.ts'
import { type AuditPage, loadAudit } from '../api/load-audit.server.ts'
import { Field, SelectField } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { Notice } from '../parts/notice.tsx'
import { Pager } from '../parts/pager.tsx'
import { Record, RecordLink, Records, shortId } from '../parts/record.tsx'
import { type AdminTexts, useAdminTexts } from '../texts/admin.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-audit.ts'

export async function loader({ request, context }: Route.LoaderArgs) {
  await requireAdmin(context)
  const { searchParams } = new URL(request.url)
  const read = (name: string) => searchParams.get(name)?.trim() ?? ''
  const asked = { user: read('user'), action: read('action') }
  const page = await loadAudit(context, { ...asked, after: read('after') })
  return { ...asked, ...page, actions: [...AuditAction.enum] }
}

export default function AdminAudit({ loaderData }: Route.ComponentProps) {
  const { user, action, actions, entries, next, silent } = loaderData
  const texts = useAdminTexts()
  return (
    <>
      <Head title={texts.admin.audit} />
      <h1 className="text-title">{texts.admin.audit}</h1>
      <p className="mt-1 max-w-prose text-muted">{texts.admin.auditHint}</p>
      <search>
        <Form method="get" className="my-6 grid items-end gap-4 md:grid-cols-[15rem_1fr_auto]">
          <SelectField label={texts.admin.action} name="action" key={action} defaultValue={action}>
            <option value="">{texts.admin.any}</option>
            {actions.map((one) => (
              <option key={one} value={one}>
                {texts.admin.actions[one]}
              </option>
            ))}
          </SelectField>
          <Field
            label={`${texts.admin.userOrSubject} (${texts.admin.id})`}
            name="user"
            key={`user ${user}`}
            defaultValue={user}
            maxLength={36}
            autoComplete="off"
            spellCheck={false}
          />
          <button type="submit" className="button">
            {texts.admin.show}
          </button>
        </Form>
      </search>
      {silent.map((service) => (
        <div key={service} className="mb-4">
          <Notice look="warn" title={`${service}: ${texts.admin.unreachable}`} />
        </div>
      ))}
      {entries.length === 0 && <p className="text-muted">{texts.admin.nothing}</p>}
      <Records>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </Records>
      <Pager next={next} more={texts.admin.older} first={texts.admin.newest} />
    </>
  )
}

function Entry({ entry }: { entry: AuditPage['entries'][number] }) {
  const { service, at, actor, address, action, subject, outcome, detail, times } = entry
  const texts = useAdminTexts()
  const format = useFormat()
  const name = texts.admin.actions[action as keyof AdminTexts['admin']['actions']] ?? action
  return (
    <Record
      title={times > 1 ? `${name} (${texts.admin.times(times)})` : name}
      aside={outcome === 'done' ? texts.admin.done : <span className="font-semibold text-bad">{outcome}</span>}
    >
      <time className="numbers" dateTime={at}>
        {format.shortDate(at)}, {format.timeWithZone(at)}
      </time>
      <span>{service}</span>
      {actor ? (
        <RecordLink to={`/admin/audit?user=${actor}`}>{`${texts.admin.by} ${shortId(actor)}`}</RecordLink>
      ) : (
        <span>{texts.admin.byNobody}</span>
      )}
      {address && <span className="numbers break-all">{address}</span>}
      {subject && subject !== actor && (
        <RecordLink to={`/admin/audit?user=${subject}`}>{`${texts.admin.about} ${shortId(subject)}`}</RecordLink>
      )}
      {detail && <span className="break-words">{detail}</span>}
    </Record>
  )
}
