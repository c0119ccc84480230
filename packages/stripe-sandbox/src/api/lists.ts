// Stripe's cursor pages: newest first, `starting_after` for older ones, `ending_before` for newer ones.

import type Stripe from 'stripe'
import type { Table } from '../store/table.ts'
import { resourceMissing } from './errors.ts'
import { type CreatedRange, createdRange, integer, text } from './params.ts'

/** The parameters of every list. */
export const listFields = {
  limit: integer(1, 100),
  starting_after: text(),
  ending_before: text(),
  created: createdRange,
}

/** One page of a table; `where` narrows it to exact values of indexed columns. */
export function listPage<Row extends { id: string; created: number }, Item>(
  table: Table<Row>,
  kind: string,
  url: string,
  values: {
    limit: number | undefined
    starting_after: string | undefined
    ending_before: string | undefined
    created: CreatedRange | undefined
  },
  where: Record<string, string | undefined>,
  serialize: (row: Row) => Item,
): Stripe.ApiList<Item> {
  const place = (id: string | undefined, param: string, otherwise: number) => {
    if (id === undefined) return otherwise
    const sequence = table.sequence(id)
    if (sequence === undefined) throw resourceMissing(kind, id, param, 400)
    return sequence
  }
  const limit = values.limit ?? 10
  const ascending = values.ending_before !== undefined
  const rows = table.list(
    { where, from: values.created?.from ?? 0, to: values.created?.to ?? Number.MAX_SAFE_INTEGER },
    {
      before: place(values.starting_after, 'starting_after', Number.MAX_SAFE_INTEGER),
      after: place(values.ending_before, 'ending_before', 0),
      limit: limit + 1,
      ascending,
    },
  )
  const items = rows.slice(0, limit)
  if (ascending) items.reverse()
  return { object: 'list', data: items.map(serialize), has_more: rows.length > limit, url }
}
