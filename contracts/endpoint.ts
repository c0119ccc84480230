// An endpoint is declared once, here. The service that answers it, the OpenAPI document and every client read the
// same declaration.

import type { RefusalCode } from './refusals.ts'
import { type Static, type TSchema, Type } from './schema.ts'

/**
 * The one list of services, publishers before their listeners. Whatever can be derived from it is;
 * tests/services.test.ts names every file that cannot and lacks a service.
 */
export const services = ['auth', 'tickets', 'orders', 'expiration', 'payments', 'notices'] as const
/** A name of the list. */
export type ServiceName = (typeof services)[number]

export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `:name` for parameters, in Fastify's notation. */
  readonly path: string
  readonly summary: string
  /** Who may call it. `anyone` still receives the session when there is one. */
  readonly who: 'anyone' | 'user' | 'admin'
  /** The caller has proved who they are within the last ten minutes: a copied session is not enough. */
  readonly fresh?: true
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** The status of success and its body; `null` means no body. */
  readonly success: { readonly status: 200 | 201 | 204; readonly body: TSchema | null }
  /** The codes it can refuse with, besides those that any endpoint can. */
  readonly refusals: readonly RefusalCode[]
  /** Calls per minute for one client, where fewer than the general limit. */
  readonly callsPerMinute?: number
  /**
   * The caller is a machine elsewhere that signs its requests. The handler receives the body as the raw text, the
   * origin is not checked, and only calls with a bad signature are rate-limited. The handler checks the signature
   * before anything else, and before it opens a transaction.
   */
  readonly signed?: true
  /**
   * The answer is a stream of Server-Sent Events: their names, and the schema of the data of each. The success then
   * has no body of its own.
   */
  readonly stream?: Readonly<Record<string, TSchema>>
  /** The success tells who the caller is, such as an address: a remembered answer is kept encrypted. */
  readonly personal?: true
  /** The success has an ETag, which If-Match and If-None-Match may name. */
  readonly tagged?: true
  /** With the query parameter `after`, a version, the answer waits until there is a newer one. */
  readonly waits?: true
  /** The success has a Link header with the next page. */
  readonly paged?: boolean
}

/** Declares an endpoint; it keeps the literal types, so that handlers and clients are typed from it. */
export const endpoint = <const E extends Endpoint>(declaration: E): E => declaration

type Of<T> = T extends TSchema ? Static<T> : undefined

export type Params<E extends Endpoint> = Of<E['params']>
export type Query<E extends Endpoint> = Of<E['query']>
export type Body<E extends Endpoint> = Of<E['body']>
export type Success<E extends Endpoint> = Of<E['success']['body']>

/** How a user can take the second step of a sign-in, or prove who they are. */
export const FactorMethod = Type.Enum(['authenticator', 'passkey', 'recovery-code'])
export type FactorMethod = Static<typeof FactorMethod>

/** The body of every refusal, `application/problem+json` (RFC 9457). */
export const Problem = Type.Object({
  type: Type.String({ description: 'urn:aisle:refusal:<code>' }),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  requestId: Type.String(),
  declineCode: Type.Optional(Type.String({ description: "the provider's reason, with code card-declined" })),
  retryAfterSeconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'with status 429: seconds to wait before the next try, as in the header Retry-After',
    }),
  ),
  price: Type.Optional(Type.Integer({ description: 'with code price-changed: the price now, in minor units' })),
  currency: Type.Optional(Type.String({ description: 'with code price-changed: its currency' })),
  challenge: Type.Optional(
    Type.String({ description: 'with code second-step-needed of a sign-in: the second step sends it back' }),
  ),
  methods: Type.Optional(
    Type.Array(FactorMethod, { description: 'with code second-step-needed: what the second step can be' }),
  ),
  errors: Type.Array(Type.Object({ message: Type.String(), field: Type.Optional(Type.String()) })),
})
export type Problem = Static<typeof Problem>
