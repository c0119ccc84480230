// The deliveries still due to the webhook endpoint, and the results so far. Persisted in the store, so that a
// restart or a kill -9 continues where it was. Times are in milliseconds of sandbox time.

import type { StatementSync } from 'node:sqlite'
import type { DeliveryStatus } from './records.ts'

/** The delivery of one event to the endpoint. */
export interface Delivery {
  event: string
  type: string
  /** Id of the object that the event is about. */
  object: string
  /** The metadata of that object, by which a shop recognises it. */
  metadata: Record<string, string>
  status: DeliveryStatus
  attempts: number
  /** The status of the last response; null if there was no attempt, or no response. */
  lastStatus: number | null
  lastAt: number | null
  nextAt: number | null
}

/** The result of an attempt, and what follows. */
export interface AttemptResult {
  status: DeliveryStatus
  lastStatus: number | null
  at: number
  nextAt: number | null
}

const select = `
  SELECT deliveries.event, json ->> '$.type' AS type, json ->> '$.data.object.id' AS object,
    json -> '$.data.object.metadata' AS metadata, status, attempts, last_status AS lastStatus,
    last_at AS lastAt, next_at AS nextAt
  FROM deliveries JOIN events ON events.id = deliveries.event`

const readDelivery = (row: Record<string, unknown>) =>
  ({ ...row, metadata: JSON.parse((row.metadata as string | null) ?? '{}') }) as Delivery

/** The deliveries of a store. */
export class DeliveryLog {
  readonly #prepare: (sql: string) => StatementSync

  constructor(prepare: (sql: string) => StatementSync) {
    this.#prepare = prepare
  }

  /** Queues an event. */
  add(event: string, status: DeliveryStatus, now: number): void {
    this.#prepare('INSERT INTO deliveries (event, status, queued_at, next_at) VALUES (?, ?, ?, ?)').run(
      event,
      status,
      now,
      status === 'pending' ? now : null,
    )
  }

  /** The events due now, oldest first. */
  due(now: number, limit: number): string[] {
    const rows = this.#prepare(
      `SELECT event FROM deliveries WHERE status = 'pending' AND next_at <= ? ORDER BY seq LIMIT ?`,
    ).all(now, limit)
    return rows.map((row) => row.event as string)
  }

  /** The state of an event's delivery; undefined if the event was not to be delivered. */
  find(event: string): { status: DeliveryStatus; attempts: number; queuedAt: number } | undefined {
    const row = this.#prepare('SELECT status, attempts, queued_at AS queuedAt FROM deliveries WHERE event = ?').get(
      event,
    )
    return row as { status: DeliveryStatus; attempts: number; queuedAt: number } | undefined
  }

  /** Records an attempt. */
  record(event: string, { status, lastStatus, at, nextAt }: AttemptResult): void {
    this.#prepare(
      `UPDATE deliveries SET status = ?, attempts = attempts + 1, last_status = ?, last_at = ?, next_at = ?
       WHERE event = ?`,
    ).run(status, lastStatus, at, nextAt, event)
  }

  /** Drops an event unless it was delivered; returns whether it did. */
  drop(event: string): boolean {
    return (
      this.#prepare(
        `UPDATE deliveries SET status = 'dropped', next_at = NULL WHERE event = ? AND status <> 'delivered'`,
      ).run(event).changes === 1
    )
  }

  /** The number with a status. */
  count(status: DeliveryStatus): number {
    return this.#prepare('SELECT count(*) AS number FROM deliveries WHERE status = ?').get(status)!.number as number
  }

  /** The total number. */
  countAll(): number {
    return this.#prepare('SELECT count(*) AS number FROM deliveries').get()!.number as number
  }

  /** The events with a status, oldest first. */
  eventsWith(status: DeliveryStatus): string[] {
    const rows = this.#prepare('SELECT event FROM deliveries WHERE status = ? ORDER BY seq').all(status)
    return rows.map((row) => row.event as string)
  }

  /** All deliveries, or those with a status, oldest first. */
  all(status: DeliveryStatus | null): Delivery[] {
    const sql = status === null ? select : `${select} WHERE status = ?`
    const rows = this.#prepare(`${sql} ORDER BY deliveries.seq`).all(...(status === null ? [] : [status]))
    return rows.map(readDelivery)
  }

  /** The newest deliveries, newest first. */
  newest(limit: number): Delivery[] {
    return this.#prepare(`${select} ORDER BY deliveries.seq DESC LIMIT ?`).all(limit).map(readDelivery)
  }
}
