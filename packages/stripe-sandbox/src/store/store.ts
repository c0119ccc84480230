// The sandbox's storage: one SQLite file, so that a restart or a kill -9 loses nothing that was answered.
//
// WAL with synchronous=NORMAL: a commit survives the death of the process, not of the machine. All calls are
// synchronous, so whatever runs inside `transaction` runs alone: no locks, and no half-done request is visible.
//
// Requests that arrive in one turn of the event loop share one commit, each in its own savepoint: with 32
// clients a commit per request took 40 % of the time. So no response may be sent before `committed()` has
// resolved.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type Stripe from 'stripe'
import { DeliveryLog } from './delivery-log.ts'
import type { Charge, DueChange, Intent, PaymentMethod, Refund, Session } from './records.ts'
import { Table } from './table.ts'

/** The first answer to an idempotency key. */
export interface SavedAnswer {
  fingerprint: string
  status: number
  body: string
  requestId: string
}

/** A change whose time has come. */
export interface Due {
  kind: DueChange
  subject: string
}

const schema = `
  CREATE TABLE IF NOT EXISTS payment_intents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS payment_intent_metadata (
    key TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (key, value, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS payment_intent_inserted AFTER INSERT ON payment_intents BEGIN
    INSERT INTO payment_intent_metadata SELECT key, value, new.id FROM json_each(new.json, '$.metadata');
  END;
  CREATE TRIGGER IF NOT EXISTS payment_intent_updated AFTER UPDATE ON payment_intents
  WHEN old.json -> '$.metadata' IS NOT new.json -> '$.metadata' BEGIN
    DELETE FROM payment_intent_metadata
      WHERE (key, value, id) IN (SELECT key, value, old.id FROM json_each(old.json, '$.metadata'));
    INSERT INTO payment_intent_metadata SELECT key, value, new.id FROM json_each(new.json, '$.metadata');
  END;
  -- Of files from before there was this index.
  INSERT OR IGNORE INTO payment_intent_metadata
    SELECT each.key, each.value, intent.id FROM payment_intents AS intent, json_each(intent.json, '$.metadata') AS each
    WHERE NOT EXISTS (SELECT 1 FROM payment_intent_metadata);
  CREATE TABLE IF NOT EXISTS charges (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, json TEXT NOT NULL,
    payment_intent TEXT GENERATED ALWAYS AS (json ->> '$.paymentIntent') VIRTUAL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS charges_payment_intent ON charges (payment_intent);
  CREATE TABLE IF NOT EXISTS refunds (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, json TEXT NOT NULL,
    charge TEXT GENERATED ALWAYS AS (json ->> '$.charge') VIRTUAL,
    payment_intent TEXT GENERATED ALWAYS AS (json ->> '$.paymentIntent') VIRTUAL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS refunds_charge ON refunds (charge);
  CREATE INDEX IF NOT EXISTS refunds_payment_intent ON refunds (payment_intent);
  CREATE TABLE IF NOT EXISTS sessions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, json TEXT NOT NULL,
    status TEXT GENERATED ALWAYS AS (json ->> '$.status') VIRTUAL,
    payment_intent TEXT GENERATED ALWAYS AS (json ->> '$.paymentIntent') VIRTUAL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sessions_status ON sessions (status);
  CREATE INDEX IF NOT EXISTS sessions_payment_intent ON sessions (payment_intent);
  CREATE TABLE IF NOT EXISTS payment_methods (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, json TEXT NOT NULL,
    type TEXT GENERATED ALWAYS AS (json ->> '$.type') VIRTUAL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL UNIQUE, status TEXT NOT NULL, queued_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, last_status INTEGER, last_at INTEGER, next_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_status ON deliveries (status, seq);
  CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    request_id TEXT NOT NULL, created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS due_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS due_changes_at ON due_changes (at);
  CREATE INDEX IF NOT EXISTS due_changes_subject ON due_changes (subject);
  CREATE TABLE IF NOT EXISTS balances (currency TEXT PRIMARY KEY, pending INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`

const tables = [
  'payment_intents',
  'payment_intent_metadata',
  'charges',
  'refunds',
  'sessions',
  'payment_methods',
  'events',
  'deliveries',
  'idempotency_keys',
  'due_changes',
  'balances',
  'settings',
]

/** Opens (and creates) the sandbox's storage in a directory, or only in memory with ':memory:'. */
export class Store {
  readonly intents: Table<Intent>
  readonly charges: Table<Charge>
  readonly refunds: Table<Refund>
  readonly sessions: Table<Session>
  readonly paymentMethods: Table<PaymentMethod>
  readonly events: Table<Stripe.Event>
  readonly deliveries: DeliveryLog
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #open = false
  #committed = Promise.resolve()

  constructor(dataDir: string) {
    if (dataDir !== ':memory:') mkdirSync(dataDir, { recursive: true })
    this.#db = new DatabaseSync(dataDir === ':memory:' ? dataDir : join(dataDir, 'stripe-sandbox.sqlite'))
    try {
      // EXCLUSIVE: no shared memory and no locks per statement, and a second sandbox cannot open the same file.
      this.#db.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         PRAGMA wal_autocheckpoint = 4000;`,
      )
      this.#db.exec(schema)
    } catch (cause) {
      this.#db.close()
      const locked = cause instanceof Error && cause.message.includes('locked')
      const reason = locked ? 'another sandbox is using it; stop that one or choose another directory' : String(cause)
      throw new Error(`Cannot open the sandbox's state in ${dataDir}: ${reason}.`, { cause })
    }
    const prepare = (sql: string) => this.#prepare(sql)
    this.intents = new Table('payment_intents', prepare)
    this.charges = new Table('charges', prepare)
    this.refunds = new Table('refunds', prepare)
    this.sessions = new Table('sessions', prepare)
    this.paymentMethods = new Table('payment_methods', prepare)
    this.events = new Table('events', prepare)
    this.deliveries = new DeliveryLog(prepare)
  }

  /** Runs work that is written completely or, if it throws, not at all. It is on file once `committed` resolves. */
  transaction<T>(work: () => T): T {
    if (!this.#open) this.#begin()
    this.#prepare('SAVEPOINT request').run()
    try {
      const result = work()
      this.#prepare('RELEASE request').run()
      return result
    } catch (error) {
      this.#prepare('ROLLBACK TO request').run()
      this.#prepare('RELEASE request').run()
      throw error
    }
  }

  /** Resolves when everything written or read so far is on file; rejects if it could not be written. */
  committed(): Promise<void> {
    return this.#committed
  }

  /** The first answer to a key, if the key is not older than `since` (Unix seconds). */
  savedAnswer(key: string, since: number): SavedAnswer | undefined {
    const row = this.#prepare(
      'SELECT fingerprint, status, body, request_id AS requestId FROM idempotency_keys WHERE key = ? AND created > ?',
    ).get(key, since)
    return row as SavedAnswer | undefined
  }

  /** Saves the first answer to a key. */
  saveAnswer(key: string, answer: SavedAnswer, now: number): void {
    this.#prepare(
      'INSERT OR REPLACE INTO idempotency_keys (key, fingerprint, status, body, request_id, created) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(key, answer.fingerprint, answer.status, answer.body, answer.requestId, now)
  }

  /** Deletes, of the hundred oldest idempotency keys, those as old as `before` (Unix seconds). */
  pruneAnswers(before: number): void {
    this.#prepare(
      `DELETE FROM idempotency_keys
       WHERE rowid IN (SELECT rowid FROM idempotency_keys ORDER BY rowid LIMIT 100) AND created <= ?`,
    ).run(before)
  }

  /** Deletes, of the 500 oldest events, those as old as `before` (Unix seconds), together with their deliveries. */
  pruneEvents(before: number): void {
    const old = `SELECT id FROM (SELECT id, created FROM events ORDER BY seq LIMIT 500) WHERE created <= ?`
    const open = `SELECT event FROM deliveries WHERE status IN ('pending', 'held')`
    this.#prepare(`DELETE FROM deliveries WHERE event IN (${old}) AND event NOT IN (${open})`).run(before)
    this.#prepare(`DELETE FROM events WHERE id IN (${old}) AND id NOT IN (${open})`).run(before)
  }

  /** Plans a change for a time (Unix seconds). */
  plan(at: number, kind: DueChange, subject: string): void {
    this.#prepare('INSERT INTO due_changes (at, kind, subject) VALUES (?, ?, ?)').run(at, kind, subject)
  }

  /** Drops the changes planned for a subject. */
  unplan(subject: string): void {
    this.#prepare('DELETE FROM due_changes WHERE subject = ?').run(subject)
  }

  /** Whether any planned change is due. */
  hasDue(now: number): boolean {
    return this.#prepare('SELECT 1 FROM due_changes WHERE at <= ? LIMIT 1').get(now) !== undefined
  }

  /** Takes the planned changes that are due, in order. */
  takeDue(now: number): Due[] {
    const rows = this.#prepare('SELECT kind, subject FROM due_changes WHERE at <= ? ORDER BY at, seq').all(now)
    this.#prepare('DELETE FROM due_changes WHERE at <= ?').run(now)
    return rows as unknown as Due[]
  }

  /** Adds to (or with a negative amount takes from) the balance of a currency. */
  addToBalance(currency: string, amount: number): void {
    this.#prepare(
      'INSERT INTO balances (currency, pending) VALUES (?, ?) ON CONFLICT (currency) DO UPDATE SET pending = pending + excluded.pending',
    ).run(currency, amount)
  }

  /** The balance of every currency that has had one. */
  balances(): { currency: string; pending: number }[] {
    const rows = this.#prepare('SELECT currency, pending FROM balances ORDER BY currency').all()
    return rows as unknown as { currency: string; pending: number }[]
  }

  /** Per currency: what was captured, released without capture, and refunded (failed refunds left out). */
  totals(): { currency: string; captured: number; released: number; refunded: number }[] {
    const rows = this.#prepare(
      `SELECT json ->> '$.currency' AS currency, sum(json ->> '$.amountCaptured') AS captured,
         sum(json ->> '$.amountReleased') AS released, sum(json ->> '$.amountRefunded') AS refunded
       FROM charges GROUP BY 1 ORDER BY 1`,
    ).all()
    return rows as unknown as { currency: string; captured: number; released: number; refunded: number }[]
  }

  /** A setting of the sandbox itself. */
  setting(name: string): string | undefined {
    const row = this.#prepare('SELECT value FROM settings WHERE name = ?').get(name)
    return row?.value as string | undefined
  }

  /** Changes a setting of the sandbox itself. */
  saveSetting(name: string, value: string): void {
    this.#prepare(
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, value)
  }

  /** Deletes everything. */
  clear(): void {
    this.transaction(() => {
      for (const table of tables) this.#prepare(`DELETE FROM ${table}`).run()
    })
  }

  /** Closes the file after committing what is pending. */
  close(): void {
    this.#commit()
    this.#statements.clear()
    this.#db.close()
  }

  #begin(): void {
    this.#prepare('BEGIN IMMEDIATE').run()
    this.#open = true
    this.#committed = new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          this.#commit()
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    })
    // Callers that await it see a failure. Without this, a failure that no one awaits would end the process.
    this.#committed.catch(() => undefined)
  }

  #commit(): void {
    if (!this.#open) return
    this.#open = false
    try {
      this.#prepare('COMMIT').run()
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  // Preparing is the expensive part of a small statement, so each is prepared once.
  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
