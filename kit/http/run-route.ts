// From a checked request to a stored answer: runs a route according to its kind, with or without an
// Idempotency-Key.

import type { Endpoint } from '@aisle/contracts/endpoint'
import { refusals } from '@aisle/contracts/refusals'
import { type Database, Rollback, violates } from '../db/database.ts'
import { isRefusal, type Refusal, retryAfter } from '../errors.ts'
import {
  claim,
  complete,
  type Key,
  keyConstraint,
  recall,
  release,
  remember,
  rememberRefusal,
  type Stored,
} from './idempotency.ts'
import { problemOf, problemType } from './problem.ts'
import type { Answer, Request, Route } from './route.ts'

/** Every route but a stream, which has no answer to store. */
export type AnsweringRoute<S> = Exclude<Route<S>, { kind: 'stream' }>
type Run<S> = { db: Database; route: AnsweringRoute<S>; request: Request<Endpoint>; service: S; key: Key | null }

/** Runs the route. A remembered answer is marked as `replayed`. Throws only for internal errors. */
export async function runRoute<S>(run: Run<S>): Promise<{ stored: Stored; replayed: boolean }> {
  switch (run.route.kind) {
    case 'query':
      return first(store(run, await run.route.handle(run.request, run.service)))
    case 'command':
      return runCommand(run, run.route)
    case 'procedure':
      return runProcedure(run, run.route.handle)
  }
}

async function runCommand<S>(run: Run<S>, { before, handle }: Extract<Route<S>, { kind: 'command' }>) {
  const { db, key, request, service } = run
  const refused = await before?.(request, service)
  if (refused) return first(store(run, refused))
  // The look-up and the handler's first statements go out together: the key is nearly always new, and when it is
  // not, the transaction is rolled back.
  const attempt = () =>
    db.tx(async (tx) => {
      const [looked, handled] = await Promise.allSettled([
        key ? recall(tx.sql, key) : null,
        handle(tx, request, service),
      ])
      if (looked.status === 'rejected') throw looked.reason
      const known = looked.value
      if (known) throw new Rollback(isRefusal(known) ? first(store(run, known)) : { stored: known, replayed: true })
      if (handled.status === 'rejected') throw handled.reason
      const stored = store(run, handled.value)
      if (isRefusal(handled.value)) {
        const kept = key && !passes(stored) ? key : null
        throw new Rollback(first(stored), kept ? (sql) => rememberRefusal(sql, kept, stored, request.now) : undefined)
      }
      if (key) tx.send(remember(tx.sql, key, stored, request.now))
      return first(stored)
    }, request.origin) as Promise<{ stored: Stored; replayed: boolean }>

  try {
    return await attempt()
  } catch (error) {
    // Another first request with this key committed after the look-up; the second attempt finds its answer.
    if (!violates(error, keyConstraint)) throw error
    return attempt()
  }
}

async function runProcedure<S>(run: Run<S>, handle: Extract<Route<S>, { kind: 'procedure' }>['handle']) {
  const { db, key, request, service } = run
  if (!key) return first(store(run, await handle(request, service)))
  const known = await claim(db.sql, key, request.now)
  if (known) return isRefusal(known) ? first(store(run, known)) : { stored: known, replayed: true }
  try {
    const stored = store(run, await handle(request, service))
    if (passes(stored)) await release(db.sql, key)
    else await complete(db.sql, key, stored)
    return first(stored)
  } catch (error) {
    await release(db.sql, key).catch(() => {})
    throw error
  }
}

/** A temporary fault or limit is not an answer to keep: the same key may try again. */
const passes = ({ status }: Stored) => status >= 500 || status === 429

const first = (stored: Stored) => ({ stored, replayed: false })

function store<S>({ route, request }: Run<S>, result: Answer<unknown> | Refusal): Stored {
  if (isRefusal(result)) {
    return {
      status: refusals[result.refused].status,
      body: problemOf(result, request.origin.requestId),
      headers: {
        'content-type': problemType,
        ...(result.extra[retryAfter] === undefined ? {} : { 'retry-after': String(result.extra[retryAfter]) }),
      },
    }
  }
  const { body, headers = {}, signIn } = result
  return {
    status: route.endpoint.success.status,
    body,
    headers: { ...headers },
    ...(signIn === undefined ? {} : { signIn }),
  }
}
