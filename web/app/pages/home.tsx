// The introduction and the upcoming events. The search works as a plain form; with JavaScript it updates while
// typing.

import { type Event, EventKind } from '@aisle/contracts/entities'
import { useEffect, useRef, useState } from 'react'
import { Form, Link, useNavigation, useSubmit } from 'react-router'
import { type EventFilters, findEvents } from '../api/find-events.server.ts'
import { chosenCurrency, mostCommonCurrency, type PriceFilter, readPriceFilter } from '../format/price-filter.ts'
import { pricesOf } from '../format/prices-of.ts'
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

/** Longer than the pause between two keystrokes, shorter than the user's patience. */
const typingPauseMs = 250

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const filters: EventFilters = {}
  for (const name of filterNames) {
    const value = searchParams.get(name)?.trim()
    if (value && (name !== 'kind' || isKind(value))) filters[name] = value
  }
  const { from, to, ...others } = filters
  const endsBeforeStart = Boolean(from && to && from > to)
  const wanted = endsBeforeStart ? others : filters
  const find = (price: PriceFilter) => findEvents(context, wanted, price, searchParams.get('after'))
  let price = readPriceFilter(searchParams)
  let found = chosenCurrency(searchParams) ? null : await find({ ...price, query: {} })
  if (found)
    price = readPriceFilter(
      searchParams,
      mostCommonCurrency(found.events.flatMap((event) => pricesOf(event).slice(0, 1))),
    )
  if (!found || Object.keys(price.query).length > 0) found = await find(price)
  return { filters, price, endsBeforeStart, ...found }
}

const isKind = (value: string) => EventKind.enum.some((kind) => kind === value)

export default function Home({ loaderData }: Route.ComponentProps) {
  const { filters, price, endsBeforeStart, events, next } = loaderData
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
      <Search filters={filters} price={price} endsBeforeStart={endsBeforeStart} isFiltered={isFiltered} />
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

type SearchProps = { filters: EventFilters; price: PriceFilter; endsBeforeStart: boolean; isFiltered: boolean }

function Search({ filters, price, endsBeforeStart, isFiltered }: SearchProps) {
  const texts = useTexts()
  const submit = useSubmit()
  const form = useRef<HTMLFormElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // After "clear all", or a step back, the fields follow the URL; but never the field that has the focus.
  useEffect(() => {
    for (const field of form.current?.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]') ?? []) {
      const shown: Readonly<Record<string, string | undefined>> = { ...filters, ...price.typed }
      if (field !== document.activeElement) field.value = shown[field.name] ?? ''
    }
  }, [filters, price])
  /** Only filled fields go into the URL; a browser alone would put every field there. */
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
              dir="auto"
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
            <Field
              label={texts.home.to}
              name="to"
              type="date"
              defaultValue={filters.to}
              fault={endsBeforeStart ? texts.home.endsBeforeStart : undefined}
            />
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

/** Whether a new search takes long enough to be noticed. */
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
