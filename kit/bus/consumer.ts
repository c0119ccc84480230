// Takes a delivered message to its committed effect.
//
// 1. A batch is one transaction: the reader's position and the inbox, every effect, and every message that the effects
//    emit. Messages about one aggregate, or that concern one, are processed one after the other; the rest run side by
//    side, since a row lock does not protect a transaction from itself.
// 2. If a reaction throws, the batch is rolled back and its messages are processed one by one. The failing message is
//    stored and retried later so that it blocks no other. After the last attempt it becomes a dead letter for a
//    person.
// 3. A reaction that finds itself early (another message must come first) asks to be called later, and receives the
//    number of the attempt. Its pauses grow, and it is given up by age: what it waits for may be as late as its
//    publisher is.
// 4. When a publisher's history has changed, its outbox is read again. Messages consumed before have no second
//    effect, but mirrors take the state they carry whatever its version: the mirror's own may stem from the history
//    that was lost.

import type { Envelope } from '@aisle/contracts/message'
import type { Span, Tracer } from '@aisle/tracing/span'
import { type Database, isTransient, Rollback, type Tx } from '../db/database.ts'
import { faultOf } from '../db/envelope.ts'
import type { Log } from '../log.ts'
import type { ServiceMetrics } from '../metrics.ts'
import type { Batch, Deliver } from './bus.ts'
import type { AnyReaction, Copied, Delivery } from './reaction.ts'

const maxTries = 8
/** An early message waits this long for what must come first; then a person looks at it. */
const earlyForMs = 60 * 60 * 1000
const longestPauseMs = 30_000
const backoffMs = (tries: number) => Math.min(100 * 2 ** tries, longestPauseMs)
const retryPollMs = 1_000
const carefulForMs = 60_000

export type ConsumerOptions<S> = {
  db: Database
  reactions: readonly AnyReaction[]
  service: S
  log: Log
  metrics: ServiceMetrics
  tracer: Tracer
}

type Outcome = { kind: 'done' } | { kind: 'later'; ms: number } | { kind: 'unreadable'; fault: string }

/**
 * Runs `reactions` for delivered messages. `deliver` is what a bus calls; `retryDue` runs the retries that are due
 * and resolves to the milliseconds until it should be called again; `wanted` are the types of messages that have a
 * reaction, and the services that publish them.
 */
export function createConsumer<S>(options: ConsumerOptions<S>): {
  deliver: Deliver
  retryDue: () => Promise<number>
  wanted: { publishers: string[]; types: string[] }
} {
  const { db, reactions, service, log, metrics, tracer } = options
  const byType = Map.groupBy(reactions, (reaction) => reaction.message.type)
  const wanted = {
    publishers: [...new Set(reactions.map(({ message }) => message.source))],
    types: [...byType.keys()],
  }
  let carefulUntil = Number.NEGATIVE_INFINITY
  const isWanted = (message: unknown) => !isReadable(message) || byType.has(message.type)
  return { deliver, retryDue, wanted }

  async function deliver(batch: Batch): Promise<void> {
    if (!batch.messages.some(isWanted)) return
    try {
      const isAgain = batch.messages.some((_, index) => batch.isAgain(index))
      if (isAgain || performance.now() < carefulUntil) await db.tx((tx) => consumeCarefully(tx, batch))
      else await db.tx((tx) => consumeAll(tx, batch))
    } catch (error) {
      if (isTransient(error)) throw error
      for (let index = 0; index < batch.messages.length; index++) {
        if (await deliverAlone(batch, index)) continue
        // Another replica is as fast as this one: each wrong assumption would be an error in the server's log.
        carefulUntil = performance.now() + carefulForMs
        return
      }
    }
  }

  /**
   * Processes the whole batch on the assumption that all goes well: no other replica has taken it, no message was
   * consumed before, no reaction fails. So nothing waits for anything else, and a batch that only writes is one round
   * trip. If the assumption is wrong, the transaction is rolled back.
   */
  async function consumeAll(tx: Tx, batch: Batch): Promise<void> {
    const wanted = batch.messages.filter(isWanted)
    batch.advanceBlindly(tx, idsOf(wanted))
    if (wanted.every(isCopied)) return copyAll(tx, wanted)
    const reacted = await Promise.allSettled(
      chains(wanted, concernsOf).map((messages) => inOrder(tx, batch.publisher, messages)),
    )
    for (const part of reacted) if (part.status === 'rejected') throw part.reason
  }

  /** Whether all that the service does with the message is to copy its state. */
  function isCopied(message: unknown): message is Envelope {
    const reactions = (isReadable(message) && byType.get(message.type)) || []
    const [first] = reactions
    return first !== undefined && reactions.every(({ copy }) => copy) && faultOf(message, first.message) === null
  }

  /** One statement for all messages with the same `copy`, and another one for each further state of a thing. */
  function copyAll(tx: Tx, messages: readonly Envelope[]): void {
    const roundsOf = new Map<NonNullable<AnyReaction['copy']>, Map<string, Copied<never>>[]>()
    for (const message of messages) {
      const { type, subject, data } = message
      const span = startSpan(message, 0)
      tx.afterCommit(() => {
        span.end()
        metrics.consumed.inc({ type })
      })
      for (const { copy } of byType.get(type) ?? []) {
        const rounds = roundsOf.get(copy!) ?? []
        roundsOf.set(copy!, rounds)
        if (rounds.at(-1)?.has(subject) !== false) rounds.push(new Map())
        rounds.at(-1)!.set(subject, { data: data as never, traceparent: span.traceparent ?? null })
      }
    }
    for (const [copy, rounds] of roundsOf)
      for (const states of rounds) copy(tx, [...states.values()], service, { again: false })
  }

  /** Like `consumeAll`, for messages that were probably consumed before, here or by another replica. */
  async function consumeCarefully(tx: Tx, batch: Batch): Promise<void> {
    const wanted = batch.messages.filter(isWanted)
    const recorded = await batch.advance(tx, batch.messages.length, idsOf(wanted))
    if (!recorded) throw new Rollback(undefined)
    const fresh = new Set(freshOf(wanted, recorded))
    const isAgain = new Set(batch.messages.filter((_, index) => batch.isAgain(index)))
    await Promise.all(
      chains(wanted, concernsOf).map(async (messages) => {
        for (const message of messages)
          await takeOne(tx, batch.publisher, message, { again: isAgain.has(message), isFresh: fresh.has(message) })
      }),
    )
  }

  async function takeOne(
    tx: Tx,
    publisher: string,
    message: unknown,
    { again, isFresh }: { again: boolean; isFresh: boolean },
  ): Promise<void> {
    // An unreadable message became a dead letter the first time.
    if (again && !isReadable(message)) return
    if (isFresh) return inOrder(tx, publisher, [message], again)
    if (again) await apply(tx, message, { tries: 0, again }, 'mirrors alone')
  }

  function concernsOf(message: unknown): string[] {
    if (!isReadable(message)) return ['unreadable']
    const others = byType.get(message.type)?.map(({ concerns }) => concerns?.(message.data)) ?? []
    return [message.subject, ...others.filter((one) => one !== undefined)]
  }

  /** Resolves to false when another replica has taken the message. */
  async function deliverAlone(batch: Batch, index: number): Promise<boolean> {
    const message = batch.messages[index]
    try {
      return await db.tx(async (tx) => {
        const recorded = await batch.advance(tx, index + 1, isWanted(message) ? idsOf([message]) : [])
        if (!recorded) return false
        if (!isWanted(message)) return true
        const isFresh = freshOf([message], recorded).length > 0
        await takeOne(tx, batch.publisher, message, { again: batch.isAgain(index), isFresh })
        return true
      })
    } catch (error) {
      if (isTransient(error)) throw error
      log.error({ err: error, ...label(message) }, 'a reaction failed; the message will be retried')
      const aside = { tries: 1, inMs: backoffMs(1), error: String(error), parked: false }
      return await db.tx(async (tx) => {
        if (!(await batch.advance(tx, index + 1, []))) return false
        await setAside(tx, batch.publisher, message, aside)
        return true
      })
    }
  }

  async function inOrder(tx: Tx, publisher: string, messages: readonly unknown[], again = false): Promise<void> {
    for (const message of messages) {
      const outcome = await apply(tx, message, { tries: 0, again })
      if (outcome.kind === 'later')
        await setAside(tx, publisher, message, { tries: 1, inMs: outcome.ms, error: 'too early', parked: false })
      if (outcome.kind === 'unreadable')
        await setAside(tx, publisher, message, { tries: 1, inMs: 0, error: outcome.fault, parked: true })
    }
  }

  async function apply(
    tx: Tx,
    envelope: unknown,
    delivery: Delivery,
    which: 'all' | 'mirrors alone' = 'all',
  ): Promise<Outcome> {
    const { tries } = delivery
    const all = (isReadable(envelope) && byType.get(envelope.type)) || []
    const interested = which === 'all' ? all : all.filter(({ copy }) => copy)
    const fault = faultOf(envelope, interested[0]?.message)
    if (fault !== null) return { kind: 'unreadable', fault }
    const message = envelope as Envelope<never>
    const span = startSpan(message, tries)
    const part = tx.from({ requestId: message.requestid, traceparent: span.traceparent })
    tx.afterCommit(span.end)
    try {
      for (const reaction of interested) {
        const answer = await reaction.react(part, message, service, delivery)
        if (!answer) continue
        span.set('aisle.too_early', true)
        return { kind: 'later', ms: answer.later }
      }
    } catch (error) {
      span.fail(error)
      span.end()
      throw error
    }
    tx.afterCommit(() => metrics.consumed.inc({ type: message.type }))
    return { kind: 'done' }
  }

  function startSpan({ id, type, source, subject, traceparent }: Envelope, tries: number): Span {
    return tracer.startSpan(`process ${type}`, {
      kind: 'consumer',
      parent: traceparent,
      attributes: {
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': source,
        'messaging.message.id': id,
        'aisle.subject': subject,
        ...(tries > 0 ? { 'aisle.tries': tries } : {}),
      },
    })
  }

  async function setAside(
    tx: Tx,
    publisher: string,
    message: unknown,
    what: { tries: number; inMs: number; error: string; parked: boolean },
  ) {
    const id = isReadable(message) ? message.id : crypto.randomUUID()
    await tx.sql`
      insert into parked_messages (message_id, publisher, message, state, tries, next_try_at, error)
      values (${id}, ${publisher}, ${JSON.stringify(message)}::text::json,
              ${what.parked ? 'parked' : 'retrying'}, ${what.tries},
              now() + ${what.inMs}::int * interval '1 millisecond', ${what.error.slice(0, 2000)})
      on conflict (message_id) do nothing`
    if (what.parked) metrics.parked.inc()
  }

  /** Retries every message that is due; resolves to the milliseconds until the next check. */
  async function retryDue(): Promise<number> {
    const due = await db.sql<{ messageId: string }[]>`
      select message_id from parked_messages
      where state = 'retrying'
        and (next_try_at <= now() or next_try_at > now() + ${2 * longestPauseMs}::int * interval '1 millisecond')
      order by next_try_at limit 100`
    for (const { messageId } of due) await retry(messageId)
    const [next] = await db.sql<{ ms: number | null }[]>`
      select (extract(epoch from min(next_try_at) - now()) * 1000)::float8 as ms
      from parked_messages where state = 'retrying'`
    return Math.min(retryPollMs, Math.max(5, next?.ms ?? retryPollMs))
  }

  async function retry(messageId: string): Promise<void> {
    let tries = 0
    let ageMs = 0
    try {
      await db.tx(async (tx) => {
        const [row] = await tx.sql<{ message: Envelope; tries: number; ageMs: number }[]>`
          delete from parked_messages where message_id = ${messageId} and state = 'retrying'
          returning message, tries, (1000 * extract(epoch from now() - since))::float8 as age_ms`
        if (!row) return
        ;({ tries, ageMs } = row)
        const outcome = await apply(tx, row.message, { tries, again: false })
        if (outcome.kind === 'later') throw new TooEarly(outcome.ms)
        if (outcome.kind === 'unreadable') throw new Error(outcome.fault)
      })
    } catch (error) {
      if (isTransient(error)) throw error
      const isEarly = error instanceof TooEarly
      const parked = isEarly ? ageMs > earlyForMs : tries + 1 >= maxTries
      const inMs = isEarly ? Math.min(error.ms * 2 ** tries, longestPauseMs) : backoffMs(tries + 1)
      await db.sql`
        update parked_messages set tries = tries + 1, state = ${parked ? 'parked' : 'retrying'},
               error = ${String(error).slice(0, 2000)},
               next_try_at = now() + ${inMs}::int * interval '1 millisecond'
        where message_id = ${messageId}`
      if (parked) {
        metrics.parked.inc()
        log.error({ err: error, messageId }, 'a message keeps failing and was dead-lettered; see "npm run messages"')
      }
    }
  }
}

class TooEarly extends Error {
  readonly ms: number
  constructor(ms: number) {
    super('too early')
    this.ms = ms
  }
}

const isReadable = (message: unknown): message is Envelope =>
  typeof message === 'object' &&
  message !== null &&
  'id' in message &&
  'type' in message &&
  typeof message.type === 'string' &&
  /^[0-9a-f-]{36}$/.test(String(message.id))

const label = (message: unknown) =>
  isReadable(message) ? { type: message.type, messageId: message.id, requestId: message.requestid } : {}

/** Groups the messages into chains, each in delivery order; messages that share a key are in one chain. */
function chains(messages: readonly unknown[], keysOf: (message: unknown) => string[]): unknown[][] {
  const chainOf = new Map<string, { places: number[]; keys: Set<string> }>()
  for (const [place, message] of messages.entries()) {
    const own = keysOf(message)
    const chain = { places: [place], keys: new Set(own) }
    for (const other of new Set(own.map((key) => chainOf.get(key)))) {
      if (!other) continue
      chain.places.push(...other.places)
      for (const key of other.keys) chain.keys.add(key)
    }
    for (const key of chain.keys) chainOf.set(key, chain)
  }
  return [...new Set(chainOf.values())].map(({ places }) =>
    places.sort((a, b) => a - b).map((place) => messages[place]),
  )
}

const idsOf = (messages: readonly unknown[]): string[] => messages.filter(isReadable).map(({ id }) => id)

/**
 * The messages whose ids were recorded just now, each once. One without a readable id cannot be recorded; it is passed
 * on and becomes a dead letter.
 */
function freshOf(messages: readonly unknown[], recorded: ReadonlySet<string>): readonly unknown[] {
  const left = new Set(recorded)
  return messages.filter((message) => !isReadable(message) || left.delete(message.id))
}
