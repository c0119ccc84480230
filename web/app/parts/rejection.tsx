// The message above a refused form. The input stays; each field says what it accepts.

import type { Texts } from '../texts/en.ts'
import { useTexts } from '../texts/use-texts.tsx'

/** A form as an action hands it back. */
export type Rejected = {
  values: Readonly<Record<string, string>>
  code: string
  faults: readonly { field?: string; message: string }[]
  /** When the same request may be tried again. */
  retryAfterSeconds?: number | undefined
}

/** The message for each field, and the one for the form as a whole. */
export function faultsOf(rejected: Rejected | undefined, texts: Texts) {
  const fields: Record<string, string> = {}
  if (!rejected) return { fields, message: null }
  if (rejected.code === 'offline') return { fields, message: texts.offline }
  if (rejected.code === 'resumed') return { fields, message: texts.resumed }
  if (rejected.code === 'skipped-time') return skippedTime(rejected, texts)
  const sentence = sentenceOf(rejected, texts)
  for (const { field, message } of rejected.faults) {
    if (!field) continue
    const known = texts.fault[field as keyof Texts['fault']]
    fields[field] = rejected.code === 'invalid' ? (known ?? message) : sentence
  }
  return { fields, message: Object.keys(fields).length > 0 ? texts.formError : sentence }
}

function sentenceOf({ code, retryAfterSeconds }: Rejected, texts: Texts): string {
  if (retryAfterSeconds) {
    const wait = waitOf(retryAfterSeconds, texts)
    if (code === 'too-many-requests') return texts.tooOften(wait)
    if (code === 'too-many-declines') return texts.tooManyDeclines(wait)
  }
  return texts.refusal[code as keyof Texts['refusal']] ?? texts.refusal.internal
}

const waitOf = (seconds: number, texts: Texts) =>
  seconds < 60 ? texts.order.seconds(seconds) : texts.order.minutes(Math.ceil(seconds / 60))

/** The fault contains the time that the typed one becomes. */
function skippedTime({ values, faults: [fault] }: Rejected, texts: Texts) {
  const [typed, becomes] = [values['event.startsAt'] ?? '', fault?.message ?? ''].map((local) => local.slice(11))
  return {
    fields: { 'event.startsAt': texts.when.skippedTime(typed!, becomes!) } as Record<string, string>,
    message: texts.formError,
  }
}

export function Rejection({
  rejected,
  labels = {},
}: {
  rejected: Rejected | undefined
  labels?: Readonly<Record<string, string>>
}) {
  const texts = useTexts()
  const { fields, message } = faultsOf(rejected, texts)
  if (!message) return null
  // A refusal of something that is not a field of the form, such as its ticket, is a message without a link.
  const names = Object.keys(fields).filter((name) => rejected?.code === 'invalid' || labels[name])
  return (
    <div role="alert" className={`notice ${rejected?.code === 'resumed' ? 'notice-good' : 'notice-bad'} mb-6`}>
      <p className="font-semibold">{names.length > 0 ? message : (Object.values(fields)[0] ?? message)}</p>
      {names.length > 0 && (
        <ul className="mt-1 list-inside list-disc">
          {names.map((name) => (
            <li key={name}>
              <a className="link" href={`#${name}`}>
                {labels[name] ?? fields[name]}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
