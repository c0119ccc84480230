// The client of the API, which here checks every response against the contract from which the API documents are
// generated.

import { Client as ApiClient, keepCookies, type Reply } from '@aisle/client'
import { endpoints } from '@aisle/contracts/api/index'
import { type Endpoint, Problem } from '@aisle/contracts/endpoint'
import { byStatus } from '@aisle/contracts/openapi'
import { checker } from '@aisle/kit/check'

export type { Reply }

const isOfDevice = (pair: string) => /^(__Host-)?device=/.test(pair)
const isOfSession = (pair: string) => !isOfDevice(pair)

const contract = Object.values(endpoints)
  .flat()
  .map((endpoint) => ({
    endpoint,
    // A literal segment is a better match than a parameter: /api/tickets/mine is not a ticket.
    weight: endpoint.path.split(':').length,
    matches: new RegExp(`^${endpoint.path.replaceAll(/:\w+/g, '[^/]+')}$`),
  }))
  .sort((a, b) => a.weight - b.weight)

export class Client extends ApiClient {
  readonly #cookies: Map<string, string>
  readonly #mayFail: (path: string) => (status: number) => boolean

  /**
   * `mayFail` is called when a request starts. The function it returns says, at the end, whether a 5xx response
   * was to be expected.
   */
  constructor(origin: string, mayFail: (path: string) => (status: number) => boolean = () => () => false) {
    const cookies = new Map<string, string>()
    super(origin, keepCookies(cookies))
    this.#cookies = cookies
    this.#mayFail = mayFail
  }

  /** The session cookie. */
  get cookie(): string {
    return this.#find(isOfSession)
  }

  set cookie(pair: string) {
    this.#replace(isOfSession, pair)
  }

  /** Lets the marketplace recognize the device at a sign-in. */
  get deviceCookie(): string {
    return this.#find(isOfDevice)
  }

  set deviceCookie(pair: string) {
    this.#replace(isOfDevice, pair)
  }

  #find(isWanted: (pair: string) => boolean): string {
    return [...this.#cookies.values()].find(isWanted) ?? ''
  }

  #replace(isWanted: (pair: string) => boolean, pair: string): void {
    for (const [name, other] of this.#cookies) if (isWanted(other)) this.#cookies.delete(name)
    if (pair) this.#cookies.set(pair.split('=', 1)[0]!, pair)
  }

  override async send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<T>> {
    const mayFail = this.#mayFail(path)
    const reply = await super.send<T>(method, path, body, headers)
    if (reply.status < 500 || !mayFail(reply.status)) holdAgainstContract(method, path.split('?', 1)[0] ?? '', reply)
    return reply
  }

  /** Sends a request, and throws unless the response has the expected status. */
  async expect<T = unknown>(
    status: number,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<T> {
    const reply = await this.send<T>(method, path, body, headers)
    if (reply.status !== status)
      throw new Error(`${method} ${path} answered ${reply.status} instead of ${status}: ${JSON.stringify(reply.body)}`)
    return reply.body
  }
}

/** Every response of every journey must have a documented status, and a body that matches the documented schema. */
function holdAgainstContract(method: string, path: string, reply: Reply): void {
  const found = contract.find(({ endpoint, matches }) => endpoint.method === method && matches.test(path))?.endpoint
  const fail = (what: string) => {
    throw new Error(
      `${method} ${path} does not keep its contract: ${what}. It answered ${reply.status} ${JSON.stringify(reply.body)}`,
    )
  }
  if (reply.status >= 500) fail('it failed')
  if (reply.status >= 400) {
    const problem = checker(Problem)(reply.body)
    if (!problem.ok) fail(`its refusal is not a problem document: ${JSON.stringify(problem.faults)}`)
    if (
      found &&
      !byStatus(found)
        .get(reply.status)
        ?.includes((reply.body as Problem).code as never)
    )
      fail(`it declares no refusal ${(reply.body as Problem).code}`)
  } else if (found) {
    if (reply.status !== found.success.status) fail(`it declares ${found.success.status}`)
    const wrong = faultsOf(found, reply.body)
    if (wrong) fail(`its body is not as declared: ${wrong}`)
  }
}

function faultsOf(endpoint: Endpoint, body: unknown): string | null {
  const schema = endpoint.success.body
  if (schema === null) return body === undefined ? null : 'there should be none'
  const checked = checker(schema)(body)
  return checked.ok ? null : JSON.stringify(checked.faults)
}
