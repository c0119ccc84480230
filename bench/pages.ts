// (i) The listing page, signed out and signed in. Reference: a bare Fastify that renders the same page with
// React for every request.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchStack, sellerId } from './stack.ts'
import { median, ms, perSecond, type Row } from './table.ts'
import { figuresOf, type Load, latePart, wrk } from './wrk.ts'

const events = 40
const ticketsPerEvent = 5
/**
 * Rendering takes milliseconds: more connections would only wait, some longer than wrk's own timeout of two
 * seconds.
 */
const connections = 8
const seconds = 3
const rounds = 3

export async function pages(stack: BenchStack): Promise<Row[]> {
  await fill(stack)
  const origin = stack.addresses.web!
  const [cookie] = await stack.buyers(1)
  const visits = [
    ['signed out', 'at least 5', ''],
    ['signed in', 'at least 0.5', cookie!],
  ] as const
  const rows: Row[] = []
  for (const [name, aim, session] of visits) {
    const answer = await fetch(origin, { headers: { cookie: session } })
    if (!answer.ok) throw new Error(`The listing page answered ${answer.status}.`)
    const html = await answer.text()
    await using bare = await startBare(html)
    const get = (url: string) => wrk(url, { connections, seconds, script: 'page.lua', args: session ? [session] : [] })
    const [ours, reference]: [Load[], Load[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      reference.push(await get(`${bare.url}/`))
      ours.push(await get(`${origin}/`))
    }
    for (const { refused } of [...ours, ...reference])
      if (refused > 0) throw new Error(`${refused} requests for the listing page were refused.`)
    const rate = median(ours.map(({ perSecond }) => perSecond))
    const bareRate = median(reference.map(({ perSecond }) => perSecond))
    rows.push({
      name: `(i) listing page, ${name}`,
      ours: `${perSecond(rate)}, p99 ${ms(median(ours.map(({ p99Ms }) => p99Ms)))}${latePart(ours)}`,
      reference: `bare Fastify and React, same page: ${perSecond(bareRate)}`,
      ratio: (rate / bareRate).toFixed(2),
      aim,
      figures: { ...figuresOf(ours), barePerSecond: reference.map(({ perSecond }) => perSecond) },
    })
  }
  return rows
}

/** In its own process, like our web server, and with React in production mode. */
async function startBare(html: string): Promise<AsyncDisposable & { url: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'aisle-bench-page-'))
  const file = join(directory, 'page.html')
  await writeFile(file, html)
  const child = spawn(process.execPath, [new URL('./bare-page.ts', import.meta.url).pathname, file], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: line.toString().trim(),
    async [Symbol.asyncDispose]() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function fill(stack: BenchStack): Promise<void> {
  const sql = stack.sql('tickets')
  await sql`insert into users (id, version, name) values (${sellerId}, 1, 'Seller') on conflict do nothing`
  await sql`
    insert into events (id, identity, name, venue, city, city_key, starts_at, kind, search, search_version, created_at)
    select uuidv7(), 'bench ' || n, (array['Concert', 'Match', 'Opera', 'Comedy', 'Festival'])[1 + n % 5] || ' ' || n,
      'Venue ' || n, 'Vienna',
           'vienna', now() + n * interval '1 day', 'concert', '', 1, now()
    from generate_series(1, ${events}::int) n`
  await sql`
    insert into tickets (id, version, title, price, currency, event_id, starts_at, seller_id, status, search,
      search_version, created_at, updated_at)
    select uuidv7(), 1, 'Stalls', 2000 + 500 * n, 'eur', e.id, e.starts_at, ${sellerId}, 'listed', '', 1, now(), now()
    from events e, generate_series(1, ${ticketsPerEvent}::int) n`
  await sql`vacuum (analyze) tickets`
  await sql`vacuum (analyze) events`
}
