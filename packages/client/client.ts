// The client of the API: takes an endpoint's declaration and returns its typed answer or its refusal. The web app, the
// tests and programs elsewhere call the marketplace through it.

import type { Body, Endpoint, Params, Problem, Query, Success } from '@aisle/contracts/endpoint'
import type { TSchema } from '@aisle/contracts/schema'

/** An endpoint with one answer. One that streams is for EventSource. */
export type Callable = Endpoint & { readonly stream?: never }

type Field<Name extends string, Schema, Value> = Schema extends TSchema ? { [K in Name]: Value } : unknown

/** What a call of the endpoint needs: only the fields that it declares, each with its type. */
export type Input<E extends Endpoint> = Field<'params', E['params'], Params<E>> &
  Partial<Field<'query', E['query'], Query<E>>> &
  Field<'body', E['body'], Body<E>> & {
    /** The name of this request: sent again, it gets the first answer again. */
    idempotencyKey?: string
    /** The version that was edited; any other version is refused as stale. */
    version?: number
  }

/** `next` is the cursor of the next page of a list: pass it as `after` in the query. */
export type Answer<E extends Endpoint> =
  | { ok: true; status: number; body: Success<E>; next: string | null }
  | { ok: false; status: number; problem: Problem }

/** Any answer, as it came. */
export type Reply<T = unknown> = { status: number; headers: Headers; body: T }

/** The part of `fetch` that the client needs. */
export type Fetch = (url: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>

/** Something answered that is not the marketplace: neither JSON nor a refusal. */
export class UnreadableAnswer extends Error {
  readonly status: number

  constructor(request: string, status: number) {
    super(`${request} was answered with ${status} and a body that cannot be read.`)
    this.status = status
  }
}

export class Client {
  readonly #origin: string
  readonly #fetch: Fetch

  /** `origin` is for example http://localhost:3000. Outside a browser, pass `keepCookies()` to stay signed in. */
  constructor(origin: string, fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#origin = origin
    this.#fetch = fetch
  }

  /**
   * Calls an endpoint. Refusals are values.
   * @throws UnreadableAnswer, or what `fetch` throws when there is no answer
   */
  async call<E extends Callable>(endpoint: E, input: Input<E>): Promise<Answer<E>> {
    const { body, idempotencyKey, version } = input as Loose
    const path = pathOf(endpoint, input as Loose)
    const reply = await this.send(endpoint.method, path, body, {
      ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
      ...(version ? { 'if-match': `"${version}"` } : {}),
    })
    const { status } = reply
    if (status < 300)
      return { ok: true, status, body: reply.body as Success<E>, next: nextCursor(reply.headers.get('link')) }
    const problem = reply.body as Problem | undefined
    if (!problem?.code) throw new UnreadableAnswer(`${endpoint.method} ${path}`, status)
    return { ok: false, status, problem }
  }

  /** Sends any request. A body that is text or bytes is sent as it is, any other as JSON. */
  async send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<T>> {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const response = await this.#fetch(`${this.#origin}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: raw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    })
    const text = await response.text()
    try {
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? undefined : JSON.parse(text)) as T,
      }
    } catch {
      throw new UnreadableAnswer(`${method} ${path}`, response.status)
    }
  }
}

/** A `fetch` that keeps cookies by their names, as a browser does. `cookies` has each as `name=value`. */
export function keepCookies(cookies: Map<string, string> = new Map()): Fetch {
  return async (url, init) => {
    const cookie = [...cookies.values()].join('; ')
    const response = await fetch(url, { ...init, headers: { ...(cookie ? { cookie } : {}), ...init.headers } })
    for (const set of response.headers.getSetCookie()) {
      const pair = set.split(';', 1)[0] ?? ''
      const name = pair.split('=', 1)[0] ?? ''
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(set)) cookies.delete(name)
      else cookies.set(name, pair)
    }
    return response
  }
}

type Loose = {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  idempotencyKey?: string
  version?: number
}

function pathOf(endpoint: Endpoint, { params = {}, query = {} }: Loose): string {
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return search.size > 0 ? `${path}?${search}` : path
}

/** The cursor of the next page, from `Link: </api/events?after=...>; rel="next"`. */
function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? '')?.[1]
  return target ? new URL(target, 'http://api').searchParams.get('after') : null
}
