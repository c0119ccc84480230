// The API for loaders and actions: takes an endpoint's declaration, returns a typed answer or a refusal.

import { endpoints } from '@aisle/contracts/api/index'
import type { Body, Endpoint, Params, Problem, Query, ServiceName, Success } from '@aisle/contracts/endpoint'
import type { TSchema } from '@aisle/contracts/schema'
import { clearSiteData } from '@aisle/http/headers'
import { data, redirect } from 'react-router'
import { isSignedIn } from '../../server/signed-in.ts'
import { signInPath } from '../format/return-path.ts'
import { forApi } from './cookies.server.ts'
import { type Context, visitOf } from './visit.server.ts'

/** Payments may wait 12 s for the provider; everything else answers in milliseconds or not at all. */
const patienceMs = 20_000
/** Interval at which the second of two identical forms polls for the first one's answer. */
const pauseMs = 100

type Field<Name extends string, Schema, Value> = Schema extends TSchema ? { [K in Name]: Value } : unknown

export type Input<E extends Endpoint> = Field<'params', E['params'], Params<E>> &
  Partial<Field<'query', E['query'], Query<E>>> &
  Field<'body', E['body'], Body<E>> & {
    /** From the form, so that a form submitted twice is one request. */
    idempotencyKey?: string
    /** The version that was edited; any other version is refused as stale. */
    version?: number
  }

export type Answer<E extends Endpoint> =
  | { ok: true; body: Success<E>; next: string | null }
  | { ok: false; status: number; problem: Problem }

/**
 * Calls the API as the visitor. Refusals are values; only an unreachable service throws, as the page that
 * reports it. If the same form arrives twice at once, the second waits for the first one's answer and returns
 * it.
 */
export async function callApi<E extends Endpoint>(context: Context, endpoint: E, input: Input<E>): Promise<Answer<E>> {
  const until = performance.now() + patienceMs
  for (;;) {
    const answer = await callOnce(context, endpoint, input)
    const isRunning = !answer.ok && answer.problem.code === 'idempotency-key-in-use'
    if (!isRunning || performance.now() > until) return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

async function callOnce<E extends Endpoint>(context: Context, endpoint: E, input: Input<E>): Promise<Answer<E>> {
  const visit = visitOf(context)
  const { params = {}, query = {}, body, idempotencyKey, version } = input as Loose
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
  const response = await fetch(
    `${visit.serviceUrl(serviceOf(endpoint))}${path}${search.size > 0 ? `?${search}` : ''}`,
    {
      method: endpoint.method,
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        ...visit.headers.forwarded,
        'x-request-id': visit.requestId,
        ...(visit.traceparent ? { traceparent: visit.traceparent } : {}),
        ...(visit.headers.cookie ? { cookie: forApi(visit.headers.cookie) } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
        ...(version ? { 'if-match': `"${version}"` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  ).catch((cause: unknown) => {
    visit.failed(new Error(`${endpoint.method} ${endpoint.path} was not answered`, { cause }))
    throw data({ code: 'unavailable' }, 503)
  })
  visit.setCookies.push(...response.headers.getSetCookie())
  const text = await response.text()
  const answer = text === '' ? undefined : parse(text)
  if (response.ok) return { ok: true, body: answer as Success<E>, next: nextCursor(response.headers.get('link')) }
  const problem = answer as Problem | undefined
  if (!problem?.code || response.status >= 500) throw data({ code: problem?.code ?? 'internal' }, response.status)
  return { ok: false, status: response.status, problem }
}

/**
 * Calls the API for data the page requires. If signed out, redirects to sign-in and back; any other refusal
 * becomes the page.
 */
export async function readApi<E extends Endpoint>(context: Context, endpoint: E, input: Input<E>) {
  const answer = await callApi(context, endpoint, input)
  if (answer.ok) return answer
  throw refusalPage(context, answer)
}

/**
 * Redirects to sign-in and back. If the session ended elsewhere, such as by a ban, what the browser stored of
 * it is cleared.
 */
export function toSignIn(context: Context): Response {
  const { path, headers } = visitOf(context)
  return redirect(signInPath(path), isSignedIn(headers.cookie) ? { headers: clearSiteData } : {})
}

/** What to throw if a refusal is the whole response. */
export function refusalPage(context: Context, { status, problem }: { status: number; problem: Pick<Problem, 'code'> }) {
  if (problem.code === 'not-signed-in') return toSignIn(context)
  return data({ code: problem.code }, status)
}

type Loose = {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  idempotencyKey?: string
  version?: number
}

const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`
const owners = new Map<string, ServiceName>(
  Object.entries(endpoints).flatMap(([service, list]) =>
    list.map((endpoint) => [nameOf(endpoint), service as ServiceName]),
  ),
)

function serviceOf(endpoint: Endpoint): ServiceName {
  const service = owners.get(nameOf(endpoint))
  if (!service) throw new Error(`No service answers ${nameOf(endpoint)}; name it in contracts/api.`)
  return service
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The cursor of the next page, from `Link: </api/events?after=...>; rel="next"`. */
export function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? '')?.[1]
  return target ? new URL(target, 'http://api').searchParams.get('after') : null
}
