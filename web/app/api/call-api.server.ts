// The API for loaders and actions: takes an endpoint's declaration, returns a typed answer or a refusal.

import { type Answer, type Callable, Client, type Fetch, type Input, UnreadableAnswer } from '@aisle/client'
import { endpoints } from '@aisle/contracts/api/index'
import type { Endpoint, Problem, ServiceName } from '@aisle/contracts/endpoint'
import { clearSiteData } from '@aisle/http/headers'
import { data, redirect } from 'react-router'
import { isSignedIn } from '../../server/signed-in.ts'
import type { Visit } from '../../server/visit.ts'
import { provePath, signInPath } from '../format/return-path.ts'
import { forApi } from './cookies.server.ts'
import { type Context, visitOf } from './visit.server.ts'

/** Payments may wait 12 s for the provider; everything else answers in milliseconds or not at all. */
const patienceMs = 20_000
/** Interval at which the second of two identical forms polls for the first one's answer. */
const pauseMs = 100

/**
 * Calls the API as the visitor. Refusals are values; only an unreachable service throws, as the page that
 * reports it. If the same form arrives twice at once, the second waits for the first one's answer and returns
 * it.
 */
export async function callApi<E extends Callable>(context: Context, endpoint: E, input: Input<E>): Promise<Answer<E>> {
  const until = performance.now() + patienceMs
  for (;;) {
    const answer = await callOnce(context, endpoint, input)
    const isRunning = !answer.ok && answer.problem.code === 'idempotency-key-in-use'
    if (!isRunning || performance.now() > until) return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

async function callOnce<E extends Callable>(context: Context, endpoint: E, input: Input<E>): Promise<Answer<E>> {
  const visit = visitOf(context)
  const client = new Client(visit.serviceUrl(serviceOf(endpoint)), asVisitor(visit, endpoint))
  const answer = await client.call(endpoint, input).catch((error: unknown) => {
    if (!(error instanceof UnreadableAnswer)) throw error
    throw data({ code: 'internal' }, Math.max(error.status, 500))
  })
  if (!answer.ok && answer.status >= 500) throw data({ code: answer.problem.code }, answer.status)
  return answer
}

/** A `fetch` that speaks for the visitor, and hands on the cookies that the API sets. */
const asVisitor =
  (visit: Visit, endpoint: Endpoint): Fetch =>
  async (url, init) => {
    const response = await fetch(url, {
      ...init,
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        ...visit.headers.forwarded,
        'x-request-id': visit.requestId,
        ...(visit.traceparent ? { traceparent: visit.traceparent } : {}),
        ...(visit.headers.cookie ? { cookie: forApi(visit.headers.cookie) } : {}),
        ...init.headers,
      },
    }).catch((cause: unknown) => {
      visit.failed(new Error(`${endpoint.method} ${endpoint.path} was not answered`, { cause }))
      throw data({ code: 'unavailable' }, 503)
    })
    visit.setCookies.push(...response.headers.getSetCookie())
    return response
  }

/**
 * Calls the API for data the page requires. If signed out, or if a fresh proof is needed, redirects to it and back;
 * any other refusal becomes the page.
 */
export async function readApi<E extends Callable>(context: Context, endpoint: E, input: Input<E>) {
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
  if (problem.code === 'proof-needed') return redirect(provePath(visitOf(context).path))
  return data({ code: problem.code }, status)
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
