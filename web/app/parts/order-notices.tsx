import type { Notice } from '@aisle/contracts/entities'
import { useNoticesTexts } from '../texts/notices.ts'
import { useFormat } from '../texts/use-texts.tsx'
import { MailStatus } from './mail-status.tsx'

/** What the visitor was told about an order, and what became of the mails. */
export function OrderNotices({ notices }: { notices: readonly Notice[] }) {
  const texts = useNoticesTexts()
  const format = useFormat()
  if (notices.length === 0) return null
  return (
    <details className="mt-10">
      <summary className="inline-flex min-h-9 items-center underline underline-offset-4">
        {texts.notices.aboutOrder} ({notices.length})
      </summary>
      <ul className="mt-3 grid border-line border-t">
        {notices.map(({ id, title, madeAt, mail }) => (
          <li key={id} className="grid gap-1 border-line border-b py-3">
            <bdi className="font-semibold">{title}</bdi>
            <span className="flex flex-wrap gap-x-5 text-muted text-small">
              <time className="numbers" dateTime={madeAt}>
                {format.shortDate(madeAt)}, {format.timeWithZone(madeAt)}
              </time>
              {mail && <MailStatus mail={mail} />}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
