import { describe, expect, inject, it } from 'vitest'
import { createLog } from '../log.ts'
import { type BusWorld, busStage, range } from '../testing/bus-stage.ts'
import { cloneDatabases } from '../testing/databases.ts'
import { openRewindablePublisher } from '../testing/rewindable-publisher.ts'
import { newId } from '../time/ids.ts'
import { describeBus } from './bus-suite.ts'
import { describeHistory } from './history-suite.ts'
import { hasMark, markOf, type OutboxRow, renumberOutbox } from './outbox-log.ts'
import { postgresBus } from './postgres-bus.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')

async function open(): Promise<BusWorld> {
  const databases = await cloneDatabases(inject('postgres'), ['alpha', 'beta'])
  const outboxUrls = { alpha: databases.url('alpha', 'alpha_reader') }
  const openBus = (url: string, sql: Parameters<typeof postgresBus>[0]['sql']) =>
    postgresBus({ url, outboxUrls, sql, applicationName: 'suite', log })
  return {
    publisherUrl: databases.url('alpha'),
    listenerUrl: databases.url('beta'),
    publishing: () => openBus(databases.url('alpha'), undefined as never),
    listening: (db) => openBus(databases.url('beta'), db.sql),
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  }
}

describeBus('postgres', open)

describeHistory('postgres', async () => {
  const server = await openRewindablePublisher()
  const outboxUrls = { alpha: server.url('alpha_reader') }
  return {
    server,
    publisherUrl: server.url(),
    listenerUrl: server.listenerUrl,
    publishing: () =>
      postgresBus({ url: server.url(), outboxUrls, sql: undefined as never, applicationName: 'suite', log }),
    listening: (db, historyChanged = () => {}) =>
      postgresBus({ url: server.listenerUrl, outboxUrls, sql: db.sql, applicationName: 'suite', historyChanged, log }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('an outbox that was restored from a dump', () => {
  const { publisher, listener, listen, say, notes, heard, raw, envelopeOf } = busStage(open)

  it('is read to its end, although its server counts from an older number', async () => {
    const { stop } = await listen()
    for (const n of range(5)) await say([{ id: newId(), n }])
    await heard(5)
    await stop()
    await raw(envelopeOf({ id: newId(), n: 5 }))
    // Rows keep the numbers of the server that they were dumped from; this server is behind that by a billion.
    await publisher().sql`update outbox set xid = (xid::text::bigint + 1000000000)::text::xid8`
    await listener().sql`update cursors set xid = (xid::text::bigint + 1000000000)::text::xid8`
    const [last] = await publisher().sql<OutboxRow[]>`
      select xid::text, seq::text, message from outbox order by outbox.xid desc, outbox.seq desc limit 1`
    expect(await hasMark(publisher().sql, markOf(last!))).toBe(false)
    expect(await renumberOutbox(publisher().sql)).toBe(6)
    expect(await renumberOutbox(publisher().sql)).toBe(0)
    const [renumbered] = await publisher().sql<OutboxRow[]>`
      select xid::text, seq::text, message from outbox order by outbox.xid desc, outbox.seq desc limit 1`
    expect(await hasMark(publisher().sql, markOf(renumbered!))).toBe(true)
    // The same position, given to another message.
    expect(await hasMark(publisher().sql, { ...markOf(renumbered!), messageId: newId() })).toBe(false)
    await listen()
    for (const n of range(3, 6)) await say([{ id: newId(), n }])
    await heard(9)
    expect((await notes()).map(({ n }) => n)).toEqual(range(9))
  })
})
