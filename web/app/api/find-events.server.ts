// Searches events for a visitor. The API knows instants; the days people mean are those on the venue's clock.

import { browseEvents } from '@aisle/contracts/api/events'
import type { Event } from '@aisle/contracts/entities'
import { anywhereOn, knownTimeZone, toLocalDay } from '../format/dates.ts'
import type { PriceFilter } from '../format/price-filter.ts'
import { callApi, refusalPage } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

export type EventFilters = { q?: string; city?: string; from?: string; to?: string; kind?: string }
type Page = { events: readonly Event[]; next: string | null }

const perPage = 20

/** The page of events that starts at the cursor `after`, and the cursor of the next non-empty page. */
export async function findEvents(
  context: Context,
  filters: EventFilters,
  { query: { maxPrice, currency } }: PriceFilter,
  after: string | null,
): Promise<Page> {
  const { q, city, kind, from, to } = filters
  const find = async (cursor: string | null): Promise<Page> => {
    const answer = await callApi(context, browseEvents, {
      query: {
        ...(q ? { q } : {}),
        ...(city ? { city } : {}),
        ...(from ? { from: anywhereOn(from).first } : {}),
        ...(to ? { to: anywhereOn(to).last } : {}),
        ...(kind ? { kind: kind as NonNullable<Event['kind']> } : {}),
        ...(maxPrice && currency ? { maxPrice, currency } : {}),
        ...(cursor ? { after: cursor } : {}),
        limit: perPage,
      },
    })
    if (answer.ok) return { events: answer.body.filter((event) => isOnDays(event, filters)), next: answer.next }
    // A filter the API does not understand, as in a URL typed by hand, finds nothing.
    if (answer.problem.code === 'invalid') return { events: [], next: null }
    throw refusalPage(context, answer)
  }

  const page = await firstWithEvents(find, after)
  if (!page.next || !(from || to)) return page
  // The remaining events may all be on the day before or after in other time zones: then there is no next page.
  let next: string | null = page.next
  for (let ahead = await find(next); ahead.events.length === 0; ahead = await find(next)) {
    next = ahead.next
    if (next === null) break
  }
  return { ...page, next }
}

async function firstWithEvents(find: (cursor: string | null) => Promise<Page>, after: string | null): Promise<Page> {
  let page = await find(after)
  while (page.events.length === 0 && page.next) page = await find(page.next)
  return page
}

function isOnDays({ startsAt, timeZone }: Event, { from, to }: EventFilters): boolean {
  if (!from && !to) return true
  const day = toLocalDay(startsAt, knownTimeZone(timeZone))
  return (!from || day >= from) && (!to || day <= to)
}
