// How a request of Stripe's API becomes a response:
//
// 1. the API key (401) and the form (400) are checked;  2. the idempotency key is taken for the duration of the
// request: a concurrent request with it gets 409;  3. faults may delay or lose the request;  4. a key with a saved
// answer returns that answer again if the parameters are the same (else 400);  5. parameters are read; a refusal here
// is not saved under the key, because the work has not started;  6. the work, its events and the saved answer are one
// transaction. Declines and refusals are saved too;  7. the response is sent once the transaction is committed.
//
// Nothing awaits between 4 and the end of 6, so requests cannot interleave there.

import { faultAnswer, isSaved } from '../control/faults.ts'
import { beginCall, type Machine } from '../machine.ts'
import { newId } from '../store/ids.ts'
import type { SavedAnswer } from '../store/store.ts'
import type { Answer } from './call.ts'
import { makeDueChanges } from './due-changes.ts'
import type { Endpoint } from './endpoint.ts'
import { invalidRequest, StripeFault } from './errors.ts'
import { apiVersion } from './events.ts'
import { canonicalForm, FormError, type FormTree, parseForm } from './form.ts'

/** How long an idempotency key is remembered, as Stripe promises. */
const idempotencyKeySeconds = 24 * 60 * 60
/** Stripe shows events for 30 days. */
const eventSeconds = 30 * 24 * 60 * 60

// Old keys are deleted a hundred at a time, often enough to keep up with new ones.
const savesBetweenPrunings = 64

/** An HTTP request, independent of any server. */
export interface ApiRequest {
  method: string
  path: string
  id: string
  /** The query of a GET, the body of a POST. */
  form: string
  authorization: string | undefined
  idempotencyKey: string | undefined
  stripeVersion: string | undefined
}

/** The response: an answer, or a broken connection. */
export type ApiResponse =
  | { kind: 'answer'; status: number; headers: Record<string, string>; body: string }
  | { kind: 'drop' }

/** Creates the function that answers requests. */
export function createAnswerer(machine: Machine): (endpoint: Endpoint, request: ApiRequest) => Promise<ApiResponse> {
  const { store, faults } = machine
  const keysInUse = new Set<string>()
  let saves = 0

  return async function answerRequest(endpoint, request) {
    const requestId = newId('req', 14)
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'request-id': requestId,
      'stripe-version': request.stripeVersion ?? apiVersion,
    }
    const key = request.method === 'POST' ? request.idempotencyKey : undefined
    if (key !== undefined) headers['idempotency-key'] = key
    let holdsKey = false
    try {
      authenticate(request.authorization)
      const params = readForm(request.form)
      if (key !== undefined) {
        if (key.length > 255) throw invalidRequest('Idempotency keys can be up to 255 characters long.')
        if (keysInUse.has(key)) throw keyInUse(key)
        keysInUse.add(key)
        holdsKey = true
      }
      const place = { method: request.method, path: request.path, route: endpoint.name }
      await faults.delay(place, machine.stopping)
      if (faults.take('drop-before', place)) return { kind: 'drop' }

      const sent = answerOnce(endpoint, request, params, key, requestId)
      await store.committed()
      if (sent.replayOf !== null) headers['idempotent-replayed'] = 'true'
      if (key !== undefined) headers['original-request'] = sent.replayOf ?? requestId
      if (faults.take('drop-after-commit', place)) return { kind: 'drop' }
      return { kind: 'answer', status: sent.status, headers, body: sent.body }
    } catch (error) {
      const { status, body } = refusal(error)
      return { kind: 'answer', status, headers, body: JSON.stringify(body) }
    } finally {
      if (holdsKey) keysInUse.delete(key!)
    }
  }

  function answerOnce(
    endpoint: Endpoint,
    request: ApiRequest,
    params: FormTree,
    key: string | undefined,
    requestId: string,
  ): { status: number; body: string; replayOf: string | null } {
    const call = beginCall(machine, requestId, key ?? null)
    const { now } = call
    const fingerprint = key === undefined ? '' : `${request.method} ${request.path} ${canonicalForm(params)}`
    if (key !== undefined) {
      const saved = store.savedAnswer(key, now - idempotencyKeySeconds)
      if (saved) return replay(key, saved, fingerprint)
    }
    const work = endpoint.prepare({ params, id: request.id })

    const fault = faults.take('status', { method: request.method, path: request.path, route: endpoint.name })
    const save = (answer: Answer, body: string) => {
      if (key === undefined) return
      store.saveAnswer(key, { fingerprint, status: answer.status, body, requestId }, now)
      saves += 1
      if (saves % savesBetweenPrunings !== 0) return
      store.pruneAnswers(now - idempotencyKeySeconds)
      store.pruneEvents(now - eventSeconds)
    }
    const finish = (answer: Answer) => {
      const body = JSON.stringify(answer.body)
      // An error from a proxy in front of the API says nothing about what the API did and saved.
      if (!fault || isSaved(fault.status)) save(answer, body)
      return { status: answer.status, body, replayOf: null }
    }

    makeDueChanges(call)
    if (fault?.when === 'before') return store.transaction(() => finish(faultAnswer(fault)))
    if (request.method === 'GET') return finish(fault ? faultAnswer(fault) : work(call))
    try {
      return store.transaction(() => {
        const answer = work(call)
        if (fault && !isSaved(fault.status)) save(answer, JSON.stringify(answer.body))
        return finish(fault ? faultAnswer(fault) : answer)
      })
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error
      return store.transaction(() => finish(refusal(error)))
    }
  }
}

// A refusal is an answer. Anything else is a bug of the sandbox and is rethrown, to become a 500.
function refusal(error: unknown): Answer {
  if (error instanceof StripeFault) return { status: error.status, body: { error: error.details } }
  throw error
}

function replay(key: string, saved: SavedAnswer, fingerprint: string) {
  if (saved.fingerprint !== fingerprint) {
    throw new StripeFault(400, {
      type: 'idempotency_error',
      message:
        'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
        `Try using a key other than '${key}' if you meant to execute a different request.`,
    })
  }
  return { status: saved.status, body: saved.body, replayOf: saved.requestId }
}

function keyInUse(key: string): StripeFault {
  return new StripeFault(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message:
      'There is currently another in-progress request using this Idempotent Key (that probably means you submitted ' +
      `twice, and the other request is still going through): ${key}.`,
  })
}

function readForm(text: string): FormTree {
  try {
    return parseForm(text)
  } catch (error) {
    if (error instanceof FormError) throw invalidRequest(error.message)
    throw error
  }
}

// Stripe accepts the key as a bearer token or as the user name of basic authentication.
function authenticate(authorization: string | undefined): void {
  const [scheme = '', credentials = ''] = authorization?.split(' ') ?? []
  let apiKey = ''
  if (scheme.toLowerCase() === 'bearer') apiKey = credentials
  else if (scheme.toLowerCase() === 'basic') apiKey = Buffer.from(credentials, 'base64').toString().split(':')[0] ?? ''
  if (apiKey.startsWith('sk_test_') && apiKey.length > 'sk_test_'.length) return
  const problem =
    apiKey === ''
      ? 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer ' +
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
      : apiKey.startsWith('sk_live_')
        ? 'Invalid API Key provided: sk_live_****. This is a sandbox; a live key must never be sent here.'
        : `Invalid API Key provided: ${apiKey.slice(0, 8)}****. This sandbox takes any key that begins with sk_test_.`
  throw new StripeFault(401, { type: 'invalid_request_error', message: problem })
}
