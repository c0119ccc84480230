import type { Notice } from '@aisle/contracts/entities'
import { useNoticesTexts } from '../texts/notices.ts'
import { useFormat } from '../texts/use-texts.tsx'

/** What became of the mail of a notice, and when. */
export function MailStatus({ mail: { status, at } }: { mail: NonNullable<Notice['mail']> }) {
  const texts = useNoticesTexts()
  const format = useFormat()
  return (
    <span className="numbers">
      {texts.notices.status[status]}
      {status === 'sent' && `, ${format.timeWithZone(at)}`}
    </span>
  )
}
