// A request that repeats an Idempotency-Key gets the first answer again; 422 if the request differs; 409 while the
// first one still runs (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
//
// A command looks its key up and writes the answer in its own transaction, so effect and memory cannot diverge. An
// advisory lock detects that the first request still runs; the primary key is the guard behind it. A procedure
// cannot hold a transaction across an external call: it commits a claim first and the answer last. A claim older
// than `abandonedMs` was left by a crash and may be taken over: procedures are safe to repeat.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type postgres from 'postgres'
import type { Sql } from '../db/database.ts'
import { type Refusal, refuse } from '../errors.ts'
import type { SignIn } from './route.ts'

/** An answer as it is remembered: it can be sent again without running the handler. */
export type Stored = { status: number; body: unknown; headers: Record<string, string>; signIn?: SignIn | null }
/**
 * An idempotency key in its scope (a user, or an anonymous address), with the fingerprint of its request. `secret` is
 * set where the body of the answer is remembered encrypted, since it tells who the caller is.
 */
export type Key = { scope: string; key: string; fingerprint: Buffer; secret: string | null }

/** An answer in its row: `sealed` stands for a body that is encrypted. */
type Kept = Omit<Stored, 'body'> & { body?: unknown; sealed?: string }
type Row = { fingerprint: Buffer; status: number | null; answer: Kept | null; createdAt: Date }

/** A procedure that has run longer than this has died. Longer than every timeout within one. */
const abandonedMs = 60_000
/** How long answers are remembered. */
export const keptHours = 24

/**
 * Identifies the request by method, path and body: an HMAC under a secret, so that a stolen table does not help to
 * guess a password. `body` has passed its schema, so it is no deeper than that. The order of its fields and its
 * white space make no difference.
 */
export function fingerprint(secret: string, method: string, url: string, body: unknown): Buffer {
  return createHmac('sha256', secret)
    .update(`${method} ${url}\n${JSON.stringify(inOneOrder(body)) ?? ''}`)
    .digest()
}

function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, inOneOrder(field)]))
}

/** The name of the primary key: a request that violates it ran beside a first one and looks up the answer again. */
export const keyConstraint = 'idempotency_keys_pkey'

/**
 * The remembered answer of a command, a refusal, or null when the request is the first. Holds the advisory lock
 * until the transaction ends.
 */
export async function recall(sql: Sql, key: Key): Promise<Stored | Refusal | null> {
  const [row] = await sql<(Row & { free: boolean })[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${key.scope} || ' ' || ${key.key}, 0)) as free, k.*
    from (values (1)) one left join idempotency_keys k on k.scope = ${key.scope} and k.key = ${key.key}`
  if (row?.fingerprint) return replay(row, key)
  return row?.free ? null : refuse('idempotency-key-in-use')
}

/**
 * The last statement of a command: remembers its answer. Violates `keyConstraint` when another first request has
 * committed meanwhile, which rolls this one back.
 */
export function remember(sql: Sql, key: Key, stored: Stored, now: Date): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    insert into idempotency_keys (scope, key, fingerprint, status, answer, created_at)
    values (${key.scope}, ${key.key}, ${key.fingerprint}, ${stored.status}, ${toRow(key, stored)}::text::json,
      ${now})`
}

/** Remembers the refusal of a command whose transaction was rolled back; an existing answer stays. */
export function rememberRefusal(sql: Sql, key: Key, stored: Stored, now: Date): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    insert into idempotency_keys (scope, key, fingerprint, status, answer, created_at)
    values (${key.scope}, ${key.key}, ${key.fingerprint}, ${stored.status}, ${toRow(key, stored)}::text::json,
      ${now})
    on conflict on constraint idempotency_keys_pkey do nothing`
}

/** Remembers the answer of a procedure that has claimed `key`. */
export async function complete(sql: Sql, key: Key, stored: Stored): Promise<void> {
  await sql`
    update idempotency_keys set status = ${stored.status}, answer = ${toRow(key, stored)}::text::json
    where scope = ${key.scope} and key = ${key.key} and answer is null`
}

/**
 * The first statement of a procedure. Null when this request has now claimed the key; else the remembered answer or
 * a refusal.
 */
export async function claim(sql: Sql, key: Key, now: Date): Promise<Stored | Refusal | null> {
  const abandoned = new Date(now.getTime() - abandonedMs)
  // Claimed under a clock that was wrong.
  const inFuture = new Date(now.getTime() + abandonedMs)
  const claimed = await sql`
    insert into idempotency_keys as k (scope, key, fingerprint, created_at)
    values (${key.scope}, ${key.key}, ${key.fingerprint}, ${now})
    on conflict on constraint idempotency_keys_pkey do update set created_at = excluded.created_at
      where k.answer is null and (k.created_at < ${abandoned} or k.created_at > ${inFuture})
        and k.fingerprint = excluded.fingerprint
    returning 1`
  if (claimed.length > 0) return null
  const [row] = await sql<Row[]>`select fingerprint, status, answer, created_at from idempotency_keys
    where scope = ${key.scope} and key = ${key.key}`
  return row ? replay(row, key) : refuse('idempotency-key-in-use')
}

/** Releases a claim after an internal error, so that the client's retry runs. */
export async function release(sql: Sql, key: Key): Promise<void> {
  await sql`delete from idempotency_keys where scope = ${key.scope} and key = ${key.key} and answer is null`
}

function replay(row: Row, key: Key): Stored | Refusal {
  if (!row.fingerprint.equals(key.fingerprint)) return refuse('idempotency-key-reused', { field: 'Idempotency-Key' })
  return row.answer ? fromRow(key, row.answer) : refuse('idempotency-key-in-use')
}

const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const cipherKey = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', 'remembered answers', 32))

function toRow({ scope, key, secret }: Key, { body, ...rest }: Stored): string {
  if (secret === null) return JSON.stringify({ ...rest, body })
  const nonce = randomBytes(nonceBytes)
  const encrypting = createCipheriv(cipher, cipherKey(secret), nonce).setAAD(Buffer.from(`${scope} ${key}`))
  const text = Buffer.concat([encrypting.update(JSON.stringify(body ?? null)), encrypting.final()])
  const sealed = Buffer.concat([nonce, encrypting.getAuthTag(), text]).toString('base64')
  return JSON.stringify({ ...rest, sealed } satisfies Kept)
}

function fromRow({ scope, key, secret }: Key, { sealed, ...kept }: Kept): Stored {
  // Remembered by a version that did not encrypt it.
  if (sealed === undefined || secret === null) return { body: undefined, ...kept }
  const bytes = Buffer.from(sealed, 'base64')
  const decrypting = createDecipheriv(cipher, cipherKey(secret), bytes.subarray(0, nonceBytes))
    .setAAD(Buffer.from(`${scope} ${key}`))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  const text = Buffer.concat([decrypting.update(bytes.subarray(nonceBytes + tagBytes)), decrypting.final()])
  return { ...kept, body: JSON.parse(text.toString()) }
}
