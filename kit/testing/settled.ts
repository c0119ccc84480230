// Waits for facts instead of time: until every message has had its effect, or `read` returns the expected state.

import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'

/** Longer than anything takes on a busy machine: a wait of this length means that something was lost. */
const patienceMs = 60_000

/**
 * Calls `read` until `done` accepts its result; throws with the last one after `forMs` milliseconds (default:
 * 60,000).
 */
export async function until<T>(
  read: () => Promise<T>,
  done: (value: T) => boolean,
  what = 'the expected state',
  forMs = patienceMs,
): Promise<T> {
  const deadline = performance.now() + forMs
  for (;;) {
    const value = await read()
    if (done(value)) return value
    if (performance.now() > deadline)
      throw new Error(`Waited ${forMs / 1000} s for ${what}; the last was ${JSON.stringify(value)}`)
    await sleep(10)
  }
}

export type Listener = {
  name: string
  sql: postgres.Sql
  /** The types of messages that it consumes. */
  types: readonly string[]
  publishers: readonly string[]
}

/**
 * Resolves when every listener has read every publisher's outbox to its end, no message waits for a retry, and
 * `alsoQuiet` holds.
 */
export async function settled(
  listeners: readonly Listener[],
  alsoQuiet: () => Promise<boolean> = async () => true,
): Promise<void> {
  const byName = new Map(listeners.map((listener) => [listener.name, listener]))
  let quietTimes = 0
  await until(
    async () => {
      const open = (await Promise.all(listeners.map((listener) => openWork(listener, byName)))).flat()
      if (open.length === 0 && !(await alsoQuiet())) open.push('other work')
      // Twice: a listener that was quiet when checked may have been given work by one that was checked before it.
      quietTimes = open.length === 0 ? quietTimes + 1 : 0
      return open
    },
    () => quietTimes >= 2,
    'all messages to have had their effect',
  )
}

/** Every listener reads the messages without a type: they become dead letters. */
async function openWork(
  { name, sql, types, publishers }: Listener,
  byName: ReadonlyMap<string, Listener>,
): Promise<string[]> {
  const open: string[] = []
  const [retrying] = await sql<
    { count: number }[]
  >`select count(*)::int as count from parked_messages where state = 'retrying'`
  if (retrying?.count) open.push(`${name} has ${retrying.count} messages to try again`)
  for (const publisher of publishers) {
    const [cursor] = await sql<
      { xid: string; seq: string }[]
    >`select xid::text, seq::text from cursors where publisher = ${publisher}`
    const [unread] = await byName.get(publisher)!.sql<{ count: number }[]>`
      select count(*)::int as count from outbox
      where (xid, seq) > (${cursor?.xid ?? '0'}::text::xid8, ${cursor?.seq ?? '0'}::text::bigint)
        and coalesce(message ->> 'type' = any(${[...types]}), true)`
    if (unread?.count) open.push(`${name} has ${unread.count} messages of ${publisher} to read`)
  }
  return open
}
