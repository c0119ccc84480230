// All that is held about the user, to read: what it is, why it is held, for how long, and who sees it.

import { requireUser } from '../api/current-user.server.ts'
import { type Entry, loadNewestData } from '../api/load-personal-data.server.ts'
import { Head } from '../parts/head.tsx'
import { useDataTexts } from '../texts/data.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/data.ts'

/** More would make the page heavy; the file has all of them. */
const shownAtMost = 100
const openUpTo = 3

export async function loader({ context }: Route.LoaderArgs) {
  await requireUser(context)
  const parts = await loadNewestData(context, shownAtMost + 1)
  return parts.map(({ part, service, entries }) => ({
    part,
    service,
    entries: entries.slice(0, shownAtMost),
    count: entries.length,
  }))
}

export default function Data({ loaderData: parts }: Route.ComponentProps) {
  const texts = useDataTexts()
  return (
    <div className="page max-w-3xl py-8">
      <Head title={texts.data.title} />
      <h1 className="text-title">{texts.data.title}</h1>
      <p className="mt-2 text-muted">{texts.data.intro}</p>
      <p className="mt-6">
        <a className="button button-main" href="/account/data.json" download>
          {texts.data.download}
        </a>
      </p>
      <div className="mt-10 grid gap-10">
        {parts.map(({ part, service, count, entries }) => (
          <Part key={`${service} ${part}`} {...{ part, service, count, entries }} />
        ))}
      </div>
    </div>
  )
}

type PartProps = { part: string; service: string; count: number; entries: readonly Entry[] }

function Part({ part, service, count, entries }: PartProps) {
  const texts = useDataTexts()
  const about = texts.data.parts[part as keyof typeof texts.data.parts]
  const isOfEveryService = part === 'record' || part === 'repeated-requests'
  const title = about?.title ?? part
  return (
    <section>
      <h2 className="text-entry">{isOfEveryService ? texts.data.ofService(title, service) : title}</h2>
      {about && (
        <p className="mt-1 text-small text-muted">
          {about.why} {about.kept} {about.seen}
        </p>
      )}
      <details className="mt-3" open={count <= openUpTo}>
        <summary className="link inline-flex min-h-11 cursor-pointer items-center">
          {count > entries.length ? texts.data.moreThan(entries.length) : texts.data.entries(count)}
        </summary>
        <ul className="mt-2 grid border-line border-t">
          {entries.map((entry, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
            <li key={at} className="border-line border-b py-3">
              <Fields entry={entry} />
            </li>
          ))}
        </ul>
        {count > entries.length && <p className="mt-3 text-small text-muted">{texts.data.rest(entries.length)}</p>}
      </details>
    </section>
  )
}

function Fields({ entry }: { entry: Entry }) {
  const texts = useDataTexts()
  const show = useValues()
  const fields = Object.entries(entry).filter(([name, value]) => value !== null && name !== 'currency')
  return (
    <dl className="grid gap-x-6 gap-y-1 text-small sm:grid-cols-[12rem_1fr]">
      {fields.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{texts.data.fields[name as keyof typeof texts.data.fields] ?? name}</dt>
          <dd className="mb-2 min-w-0 break-words sm:mb-0">
            <bdi>{show(name, value, entry)}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Fields that are money, in minor units of the entry's currency. */
const sums = new Set(['price', 'amount', 'amountRefunded', 'fee', 'sold', 'fees', 'refunded', 'due'])
const moment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** Values as people write them: dates, money, yes and no. */
function useValues() {
  const texts = useDataTexts()
  const format = useFormat()
  return (name: string, value: Entry[string], { currency }: Entry): string => {
    if (typeof value === 'boolean') return value ? texts.data.yes : texts.data.no
    if (typeof value === 'number' && sums.has(name)) return format.money(value, String(currency))
    if (typeof value === 'string' && moment.test(value))
      return `${format.longDate(value)}, ${format.timeWithZone(value)}`
    return String(value)
  }
}
