// What a search finds, in every order and page by page, compared with a plain look at each ticket.

import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { TicketsService } from '../context.ts'
import { createLists, type Lists } from '../lists.ts'
import { wordsVector } from '../queries.ts'
import { searchWords } from '../search-text.ts'
import { browseTickets } from './browse-tickets.ts'

const count = 6_000
type Known = { id: string; title: string; price: number; status: string }
/** Two frequent cities, of which a title has one; a seat that nearly all have; numbers that few have. */
const tickets: Known[] = Array.from({ length: count }, (_, nr) => ({
  id: `01900000-0000-7000-8000-${nr.toString(16).padStart(12, '0')}`,
  title: [
    nr % 2 === 0 ? 'Vienna' : 'Berlin',
    nr % 50 === 0 ? '' : 'Stalls',
    `row${nr % 1_500}`,
    nr % 700 === 3 ? 'Viennale' : '',
    nr < 30 ? 'oldest' : '',
    nr > count - 30 ? 'newest' : '',
  ].join(' '),
  price: 1_000 + ((nr * 7_919) % 5_000),
  status: nr % 11 === 0 ? 'sold' : 'listed',
}))

let databases: TestDatabases
let sql: ReturnType<typeof connect>
let lists: Lists
beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['tickets'])
  sql = connect(databases.url('tickets'), { max: 2 })
  lists = createLists(sql, databases.url('tickets'))
  const seller = newId()
  await sql`insert into users (id, version, name) values (${seller}, 1, 'Seller')`
  for (let from = 0; from < count; from += 500)
    await Promise.all(
      tickets.slice(from, from + 500).map(
        ({ id, title, price, status }) => sql`
          insert into tickets (id, version, title, price, currency, seller_id, status, order_id, seat_key, search,
            search_version, created_at, updated_at)
          values (${id}, 1, ${title}, ${price}, 'usd', ${seller}, ${status}, ${status === 'sold' ? newId() : null}, '',
            ${wordsVector(sql, searchWords(title))}, 1, now(), now())`,
      ),
    )
  await sql`analyze tickets`
})
afterAll(async () => {
  await Promise.all([lists?.close(), sql?.end()])
  await databases?.[Symbol.asyncDispose]()
})

/** The ids of all pages. */
async function browse(asked: { q: string; sort?: string; minPrice?: number; limit?: number }): Promise<string[]> {
  if (browseTickets.kind !== 'query') throw new Error('browseTickets is no query')
  const service = { parts: { lists }, clock: { now: () => new Date() } } as unknown as TicketsService
  const ids: string[] = []
  for (let after: string | undefined; ; ) {
    const query = { ...asked, currency: 'usd', ...(after === undefined ? {} : { after }) }
    const page = (await browseTickets.handle({ query } as never, service)) as {
      body: { id: string }[]
      headers?: { link?: string }
    }
    ids.push(...page.body.map(({ id }) => id))
    after = /[?&]after=([^&>]+)/.exec(page.headers?.link ?? '')?.[1]
    if (after === undefined) return ids
  }
}

/** A word of one letter must match exactly. */
const begins = (title: string, word: string) =>
  title
    .toLowerCase()
    .split(' ')
    .flatMap((one) => [one, one.replace(/^row/, '')])
    .some((one) => (word.length === 1 ? one === word : one.startsWith(word)))
/** Letters and digits next to each other are found when both are. */
const matches = (title: string, q: string) =>
  q
    .split(' ')
    .every(
      (word) => begins(title, word) || (/^row\d/.test(word) && begins(title, 'row') && begins(title, word.slice(3))),
    )
const orders: Record<string, (a: Known, b: Known) => number> = {
  newest: (a, b) => (a.id < b.id ? 1 : -1),
  price: (a, b) => a.price - b.price || (a.id < b.id ? -1 : 1),
  '-price': (a, b) => b.price - a.price || (a.id < b.id ? 1 : -1),
}

const found = (q: string, sort: string, minPrice = 0) =>
  tickets
    .filter(({ status, price, title }) => status === 'listed' && price >= minPrice && matches(title, q))
    .sort(orders[sort])
    .map(({ id }) => id)

const questions = [
  ...['vienna', 'stalls', 'row', 'newest', 'oldest', 'viennale', 'v', 'row1499', 'row149', 'row14', '77'],
  ...['vienna berlin', 'vienna viennale', 'vienna stalls', 'berlin stalls', 'berlin row1499', 'vienna row1499'],
  ...['stalls row77', 'oldest stalls', 'newest berlin', 'oldest newest', 'vi st ro', 'viennale oldest row3', 'nowhere'],
  ...['vienna nowhere', 'stalls row1 berlin'],
]

it.each(questions)('"%s" finds what has all of its words, in every order', async (q) => {
  for (const sort of Object.keys(orders)) {
    const limit = found(q, sort).length > 500 ? 100 : 7
    expect(await browse({ q, sort, limit })).toEqual(found(q, sort))
    expect(await browse({ q, sort, limit, minPrice: 4_000 })).toEqual(found(q, sort, 4_000))
  }
})

it('the questions are of every kind', () => {
  const counts = questions.map((q) => found(q, 'newest').length)
  expect(counts.filter((count) => count === 0).length).toBeGreaterThan(3)
  expect(counts.filter((count) => count > 0 && count < 21).length).toBeGreaterThan(3)
  expect(counts.filter((count) => count > 1_000).length).toBeGreaterThan(3)
})
