// (h) 5,000 pages listen to one ticket; it changes. They connect directly to the tickets service, because in
// production the front door is another process. Reference: a bare server that writes the same bytes to the same
// number of connections.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { memoryMegabytes } from './processes.ts'
import type { BenchStack } from './stack.ts'
import { median, ms, type Row } from './table.ts'

const listeners = 5_000
const rounds = 5
/** Connections opened at a time: a crowd of pages does not connect all at once. */
const openedAtOnce = 200

export async function listen(stack: BenchStack): Promise<Row> {
  const [ticketId] = await stack.tickets(1)
  const sql = stack.sql('tickets')
  const before = memoryMegabytes([stack.pid])
  await using ours = await openPages(stack.addresses.tickets!, `/api/tickets/live?ids=${ticketId}`)
  await ours.heard(1)
  const grown = memoryMegabytes([stack.pid]) - before
  let change = ''
  const told = await timed(ours, async () => {
    const [row] = await sql<{ version: number }[]>`select version from tickets where id = ${ticketId!}`
    const version = (row?.version ?? 1) + 1
    const now = new Date().toISOString()
    const data = {
      id: ticketId,
      title: 'Ticket',
      price: 5000,
      currency: 'usd',
      seller: { id: ticketId, name: 'Seller' },
      status: 'listed',
      version,
      createdAt: now,
      updatedAt: now,
    }
    change = JSON.stringify(data)
    const message = {
      specversion: '1.0',
      id: ticketId,
      source: '/aisle/tickets',
      type: 'ticket:updated',
      subject: ticketId,
      time: now,
      datacontenttype: 'application/json',
      data,
    }
    await sql`with changed as (update tickets set version = ${version} where id = ${ticketId!})
      insert into outbox (message) values (${JSON.stringify(message)}::text::json)`
    await sql`select pg_notify('outbox', '')`
  })
  const bare = await bareBroadcast(`id: 1-1\nevent: ticket\ndata: ${change}\n\n`)
  return {
    name: '(h) 5,000 pages that listen to one ticket',
    ours: `all told in ${ms(told)}, ${(1024 * (grown / listeners)).toFixed(0)} kB each`,
    reference: `bare server, same bytes: ${ms(bare)}`,
    ratio: `${(told / bare).toFixed(1)} x as long`,
    aim: 'all told in a second',
    figures: { toldMs: told, bareMs: bare },
  }
}

type Pages = AsyncDisposable & { heard(times: number): Promise<void>; times(): number }

async function openPages(origin: string, path: string): Promise<Pages> {
  const { hostname, port } = new URL(origin)
  const sockets: Socket[] = []
  const counts: number[] = []
  let enough: { times: number; left: number; resolve: () => void } | null = null
  for (let opened = 0; opened < listeners; opened += openedAtOnce) {
    await Promise.all(
      Array.from({ length: Math.min(openedAtOnce, listeners - opened) }, async (_, nth) => {
        const index = opened + nth
        counts[index] = 0
        const socket = connect(Number(port), hostname)
        sockets.push(socket)
        socket.setEncoding('utf8')
        socket.on('data', (text) => {
          const events = String(text).split('\ndata: ').length - 1
          if (events === 0) return
          counts[index]! += events
          if (enough && counts[index] === enough.times && --enough.left === 0) enough.resolve()
        })
        await once(socket, 'connect')
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`)
      }),
    )
  }
  return {
    heard(times) {
      const left = counts.filter((count) => count < times).length
      if (left === 0) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      enough = { times, left, resolve }
      return promise
    },
    times: () => Math.max(...counts),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The median time until every page has received a change, in milliseconds. */
async function timed(pages: Pages, change: () => Promise<void>): Promise<number> {
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const all = pages.heard(pages.times() + 1)
    const begin = performance.now()
    await change()
    await all
    took.push(performance.now() - begin)
  }
  return median(took)
}

async function bareBroadcast(bytes: string): Promise<number> {
  const open = new Set<ServerResponse>()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(bytes)
    open.add(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as { port: number }
  await using pages = await openPages(`http://127.0.0.1:${address.port}`, '/')
  await pages.heard(1)
  const took = await timed(pages, async () => {
    for (const response of open) response.write(bytes)
  })
  server.closeAllConnections()
  server.close()
  return took
}
