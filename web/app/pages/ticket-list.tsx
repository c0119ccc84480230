// Every ticket for sale, for any event or none, in the order the visitor chooses.

import { browseTickets } from '@aisle/contracts/api/tickets'
import { Form, Link } from 'react-router'
import { callApi, refusalPage } from '../api/call-api.server.ts'
import type { Context } from '../api/visit.server.ts'
import { chosenCurrency, mostCommonCurrency, readPriceFilter } from '../format/price-filter.ts'
import { changesOf, newest } from '../live/merge-tickets.ts'
import { useHeardTickets } from '../live/use-live.ts'
import { Empty } from '../parts/empty.tsx'
import { Field, SelectField } from '../parts/field.tsx'
import { Head } from '../parts/head.tsx'
import { Pager } from '../parts/pager.tsx'
import { PriceFields } from '../parts/price-filter.tsx'
import { Said } from '../parts/said.tsx'
import { goneNote, TicketStub } from '../parts/ticket-stub.tsx'
import type { Texts } from '../texts/en.ts'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/ticket-list.ts'

const sorts = ['newest', 'soonest', 'price', '-price'] as const satisfies (keyof Texts['ticketList']['sorts'])[]

export async function loader({ request, context }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url)
  const q = searchParams.get('q')?.trim() ?? ''
  const sort = sorts.find((one) => one === searchParams.get('sort')) ?? 'newest'
  const isByPrice = sort === 'price' || sort === '-price'
  const isCurrencyOpen =
    !chosenCurrency(searchParams) && (isByPrice || searchParams.has('min') || searchParams.has('max'))
  const price = readPriceFilter(searchParams, isCurrencyOpen ? await commonCurrency(context, q) : undefined)
  const after = searchParams.get('after')
  const { currency } = price.typed
  const answer = await callApi(context, browseTickets, {
    query: {
      sort,
      limit: 20,
      ...(isByPrice ? { currency } : {}),
      ...price.query,
      ...(q ? { q } : {}),
      ...(after ? { after } : {}),
    },
  })
  if (!answer.ok && answer.problem.code !== 'invalid') throw refusalPage(context, answer)
  return {
    q,
    sort,
    price,
    onlyIn: isByPrice || price.query.currency ? currency : null,
    tickets: answer.ok ? answer.body : [],
    next: answer.ok ? answer.next : null,
  }
}

/** The currency of most tickets, judged by the newest hundred. */
async function commonCurrency(context: Context, q: string) {
  const newest = await callApi(context, browseTickets, { query: { limit: 100, ...(q ? { q } : {}) } })
  return newest.ok ? mostCommonCurrency(newest.body) : undefined
}

export default function TicketList({ loaderData }: Route.ComponentProps) {
  const { q, sort, price, onlyIn, tickets: sent, next } = loaderData
  const texts = useTexts()
  const heard = useHeardTickets({ ids: sent.map(({ id }) => id) })
  const tickets = sent.map((ticket) => newest(ticket, heard))
  const { gone } = changesOf(sent, tickets)
  return (
    <div className="page py-8">
      <Head title={texts.ticketList.title} description={texts.ticketList.intro} canonical="/tickets" />
      <h1 className="text-title">{texts.ticketList.title}</h1>
      <p className="mt-1 text-muted">{texts.ticketList.intro}</p>
      <search>
        <Form method="get" className="mt-6 grid items-end gap-4 sm:grid-cols-[2fr_1fr]">
          <Field
            label={texts.home.search}
            name="q"
            type="search"
            defaultValue={q}
            placeholder={texts.ticketList.searchHint}
            maxLength={200}
          />
          <SelectField label={texts.ticketList.sort} name="sort" defaultValue={sort}>
            {sorts.map((value) => (
              <option key={value} value={value}>
                {texts.ticketList.sorts[value]}
              </option>
            ))}
          </SelectField>
          <div className="grid grid-cols-2 items-end gap-4 sm:col-span-2 sm:grid-cols-[1fr_1fr_1fr_auto]">
            <PriceFields price={price} names={['min', 'max']} />
            <button type="submit" className="button button-main">
              {texts.ticketList.apply}
            </button>
          </div>
        </Form>
      </search>
      <section className="mt-8" aria-labelledby="found">
        <h2 id="found" className="sr-only">
          {texts.home.found}
        </h2>
        {onlyIn && <p className="mb-4 text-small text-muted">{texts.price.onlyIn(texts.currency[onlyIn])}</p>}
        <Said text={gone > 0 ? texts.live.gone(gone) : ''} />
        {tickets.length === 0 ? (
          <Empty title={texts.ticketList.none} hint={texts.ticketList.noneHint}>
            <Link className="button" to="/sell">
              {texts.mine.sellOne}
            </Link>
          </Empty>
        ) : (
          <ul className="grid gap-5 lg:grid-cols-2 lg:gap-x-8">
            {tickets.map((ticket) => (
              <li key={ticket.id} className="grid min-w-0">
                <TicketStub ticket={ticket} to={`/tickets/${ticket.id}`} withEvent {...goneNote(ticket, texts)} />
              </li>
            ))}
          </ul>
        )}
        <Pager next={next} more={texts.ticketList.more} first={texts.ticketList.first} />
      </section>
    </div>
  )
}
