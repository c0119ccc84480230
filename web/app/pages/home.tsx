// What this is, and the events that are coming up. The search works as a plain form; with JavaScript it answers while one types.

import { browseEvents } from '@aisle/contracts/api/events'
import type { Event } from '@aisle/contracts/entities'
import { useEffect, useRef, useState } from 'react'
import { Form, Link, useNavigation, useSubmit } from 'react-router'
import { callApi, refusalPage } from '../api/call-api.server.ts'
import { anywhereOn, knownTimeZone, toLocalDay } from '../format/dates.ts'
import { type PriceFilter, readPriceFilter } from '../format/price-filter.ts'
import { Empty } from '../parts/empty.tsx'
import { EventEntry, EventEntrySkeleton } from '../parts/event-entry.tsx'
import { Field, SelectField } from '../parts/field.tsx'
import { Head, usePublicUrl } from '../parts/head.tsx'
import { Pager } from '../parts/pager.tsx'
import { Poster } from '../parts/poster.tsx'
import { PriceFields } from '../parts/price-filter.tsx'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/home.ts'

const filterNames = ['q', 'city', 'from', 'to', 'kind'] as const
type Filters = Partial<Record<(typeof filterNames)[number], string>>

const perPage = 20
/** Longer than the pause between two keys, shorter than patience. */
const typingPauseMs = 250

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const filters: Filters = {}
  for (const name of filterNames) {
    const value = searchParams.get(name)?.trim()
    if (value) filters[name] = value
  }
  const price = readPriceFilter(searchParams)
  const { maxPrice, currency } = price.query
  const find = (after: string | null) =>
    callApi(context, browseEvents, {
      query: {
        ...(filters.q ? { q: filters.q } : {}),
        ...(filters.city ? { city: filters.city } : {}),
        ...(filters.from ? { from: anywhereOn(filters.from).first } : {}),
        ...(filters.to ? { to: anywhereOn(filters.to).last } : {}),
        ...(filters.kind ? { kind: filters.kind as NonNullable<Event['kind']> } : {}),
        ...(maxPrice && currency ? { maxPrice, currency } : {}),
        ...(after ? { after } : {}),
        limit: perPage,
      },
    })
  let [events, next]: [Event[], string | null] = [[], searchParams.get('after')]
  do {
    const answer = await find(next)
    // A filter that the API does not understand, as in an address that was typed by hand, finds nothing.
    if (!answer.ok && answer.problem.code !== 'invalid') throw refusalPage(context, answer)
    events = answer.ok ? answer.body.filter((event) => isOnDays(event, filters)) : []
    next = answer.ok ? answer.next : null
    // What the API found may all be of the evening before, elsewhere on earth.
  } while (events.length === 0 && next !== null)
  return { filters, price, events, next }
}

/** The days that one looks for are those on the clock of the venue. */
function isOnDays({ startsAt, timeZone }: Event, { from, to }: Filters): boolean {
  if (!from && !to) return true
  const day = toLocalDay(startsAt, knownTimeZone(timeZone))
  return (!from || day >= from) && (!to || day <= to)
}

export default function Home({ loaderData: { filters, price, events, next } }: Route.ComponentProps) {
  const texts = useTexts()
  const publicUrl = usePublicUrl()
  const isFiltered = Object.keys(filters).length > 0 || isPriced(price)
  const isSlow = useSlowSearch()
  return (
    <div className="page">
      <Head
        title={texts.home.title}
        canonical="/"
        linkedData={{
          '@context': 'https://schema.org',
          '@type': 'WebSite',
          name: texts.site.name,
          url: publicUrl,
          potentialAction: {
            '@type': 'SearchAction',
            target: `${publicUrl}/?q={search_term_string}`,
            'query-input': 'required name=search_term_string',
          },
        }}
      />
      {isFiltered ? (
        <h1 className="sr-only">{texts.home.found}</h1>
      ) : (
        <div className="flex items-end justify-between gap-12 pt-8 pb-8 sm:pt-14 sm:pb-10">
          <div className="max-w-2xl">
            <h1 className="text-display">{texts.home.lead}</h1>
            <p className="mt-4 max-w-xl text-lead text-muted">{texts.home.intro}</p>
          </div>
          <Foyer events={events} />
        </div>
      )}
      <Search filters={filters} price={price} isFiltered={isFiltered} />
      <section className="mt-10" aria-labelledby="events" aria-busy={isSlow}>
        <h2 id="events" className="mb-4 text-title">
          {isFiltered ? texts.home.found : texts.home.heading}
        </h2>
        {events.length === 0 ? (
          <NothingFound isFiltered={isFiltered} />
        ) : (
          <div className="grid md:grid-cols-2 md:gap-x-12">
            {isSlow
              ? events.slice(0, 6).map(({ id }) => <EventEntrySkeleton key={id} />)
              : events.map((event) => <EventEntry key={event.id} event={event} />)}
          </div>
        )}
        <Pager next={next} more={texts.home.more} first={texts.home.first} />
      </section>
    </div>
  )
}

const isPriced = ({ typed }: PriceFilter) => typed.max !== ''

/** The posters of the next events on the wall; their names are in the programme below. */
function Foyer({ events }: { events: readonly Event[] }) {
  const heights = ['mb-10', 'mb-0', 'mb-6']
  return (
    <div className="hidden shrink-0 items-end gap-4 lg:flex" aria-hidden="true">
      {events.slice(0, 3).map((event, index) => (
        <Poster key={event.id} event={event} className={`w-28 rounded-soft ${heights[index]}`} />
      ))}
    </div>
  )
}

function Search({ filters, price, isFiltered }: { filters: Filters; price: PriceFilter; isFiltered: boolean }) {
  const texts = useTexts()
  const submit = useSubmit()
  const form = useRef<HTMLFormElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // After "clear all", or a step back, the fields are what the address says; but never the one that is being typed into.
  useEffect(() => {
    for (const field of form.current?.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]') ?? []) {
      const shown: Readonly<Record<string, string | undefined>> = { ...filters, ...price.typed }
      if (field !== document.activeElement) field.value = shown[field.name] ?? ''
    }
  }, [filters, price])
  /** Only what was filled in goes into the address; a browser alone would put every field there. */
  const search = (form: HTMLFormElement) => {
    const filled = new URLSearchParams(
      [...new FormData(form)].filter(([, value]) => value !== '') as [string, string][],
    )
    if (!filled.has('max')) filled.delete('currency')
    submit(filled, { action: '/', replace: isFiltered, preventScrollReset: true })
  }
  const narrowed = Boolean(filters.city || filters.from || filters.to || filters.kind || isPriced(price))
  return (
    <search>
      <Form
        method="get"
        action="/"
        ref={form}
        onChange={({ currentTarget }) => {
          clearTimeout(timer.current)
          timer.current = setTimeout(() => search(currentTarget), typingPauseMs)
        }}
        onSubmit={(submission) => {
          submission.preventDefault()
          clearTimeout(timer.current)
          search(submission.currentTarget)
        }}
      >
        <div className="flex gap-3">
          <div className="grow">
            <label htmlFor="q" className="sr-only">
              {texts.home.search}
            </label>
            <input
              id="q"
              name="q"
              type="search"
              className="input"
              placeholder={texts.home.searchHint}
              defaultValue={filters.q}
              maxLength={200}
              autoComplete="off"
            />
          </div>
          <button type="submit" className="button button-main">
            {texts.home.search}
          </button>
        </div>
        <details open={narrowed} className="mt-3">
          <summary className="inline-flex min-h-9 items-center text-small underline underline-offset-4">
            {texts.home.filters}
          </summary>
          <div className="mt-3 grid grid-cols-2 gap-4 md:grid-cols-4">
            <Field label={texts.home.city} name="city" defaultValue={filters.city} maxLength={100} autoComplete="off" />
            <SelectField label={texts.home.kind} name="kind" defaultValue={filters.kind ?? ''}>
              <option value="">{texts.home.anyKind}</option>
              {Object.entries(texts.kind).map(([kind, text]) => (
                <option key={kind} value={kind}>
                  {text}
                </option>
              ))}
            </SelectField>
            <Field label={texts.home.from} name="from" type="date" defaultValue={filters.from} />
            <Field label={texts.home.to} name="to" type="date" defaultValue={filters.to} />
            <PriceFields price={price} names={['max']} />
          </div>
          <button type="submit" className="button mt-4">
            {texts.home.apply}
          </button>
        </details>
      </Form>
    </search>
  )
}

function NothingFound({ isFiltered }: { isFiltered: boolean }) {
  const texts = useTexts()
  return isFiltered ? (
    <Empty title={texts.home.none} hint={texts.home.noneHint}>
      <Link className="button" to="/">
        {texts.home.clear}
      </Link>
    </Empty>
  ) : (
    <Empty title={texts.home.empty} hint={texts.home.emptyHint}>
      <Link className="button button-main" to="/sell">
        {texts.mine.sellOne}
      </Link>
    </Empty>
  )
}

/** Whether the list is being searched anew for longer than one would notice. */
function useSlowSearch(): boolean {
  const { state, location } = useNavigation()
  const isSearching = state === 'loading' && location.pathname === '/'
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    if (!isSearching) return
    const timer = setTimeout(() => setSlow(true), 200)
    return () => {
      clearTimeout(timer)
      setSlow(false)
    }
  }, [isSearching])
  return isSlow
}
