// One kind of record in the store: JSON by id, in order of creation.

import type { SQLInputValue, StatementSync } from 'node:sqlite'

/** The filters of a list. */
export interface ListFilter {
  /** Exact values of the table's indexed columns. */
  where: Record<string, string | undefined>
  from: number
  to: number
}

/** The range of a list to take: positions in order of creation, both excluded. */
export interface Page {
  after: number
  before: number
  limit: number
  ascending: boolean
}

/** What a search asks for: a field, or an entry of the metadata, that has a value. */
export interface Equality {
  of: 'field' | 'metadata'
  name: string
  value: string
}

/** The filter that excludes nothing. */
export const everything: ListFilter = { where: {}, from: 0, to: Number.MAX_SAFE_INTEGER }

/** The page of the newest records. */
export function newest(limit: number): Page {
  return { after: 0, before: Number.MAX_SAFE_INTEGER, limit, ascending: false }
}

/** One kind of record. */
export class Table<Row extends { id: string; created: number }> {
  readonly #name: string
  readonly #prepare: (sql: string) => StatementSync

  constructor(name: string, prepare: (sql: string) => StatementSync) {
    this.#name = name
    this.#prepare = prepare
  }

  /** Adds a record. */
  insert(row: Row): void {
    this.#prepare(`INSERT INTO ${this.#name} (id, created, json) VALUES (?, ?, ?)`).run(
      row.id,
      row.created,
      JSON.stringify(row),
    )
  }

  /** Replaces a record. */
  update(row: Row): void {
    this.#prepare(`UPDATE ${this.#name} SET json = ? WHERE id = ?`).run(JSON.stringify(row), row.id)
  }

  /** The record with an id. */
  get(id: string): Row | undefined {
    const row = this.#prepare(`SELECT json FROM ${this.#name} WHERE id = ?`).get(id)
    return row && (JSON.parse(row.json as string) as Row)
  }

  /** A record's position in order of creation. */
  sequence(id: string): number | undefined {
    return this.#prepare(`SELECT seq FROM ${this.#name} WHERE id = ?`).get(id)?.seq as number | undefined
  }

  /** Up to `limit` records between two positions (both excluded), newest first or, if `ascending`, oldest first. */
  list(filter: ListFilter, page: Page): Row[] {
    const conditions = ['seq > ?', 'seq < ?', 'created >= ?', 'created <= ?']
    const values: SQLInputValue[] = [page.after, page.before, filter.from, filter.to]
    for (const [column, value] of Object.entries(filter.where)) {
      if (value === undefined) continue
      conditions.push(`${column} = ?`)
      values.push(value)
    }
    const sql = `SELECT json FROM ${this.#name} WHERE ${conditions.join(' AND ')}
      ORDER BY seq ${page.ascending ? 'ASC' : 'DESC'} LIMIT ?`
    return this.#rows(sql, [...values, page.limit])
  }

  /** Records, newest first, that satisfy all equalities; `offset` skips the first ones. */
  search(equal: Equality[], limit: number, offset: number): Row[] {
    const conditions = equal.map(({ of }) =>
      of === 'metadata'
        ? 'id IN (SELECT id FROM payment_intent_metadata WHERE key = ? AND value = ?)'
        : 'json_extract(json, ?) = ?',
    )
    const values = equal.flatMap(({ of, name, value }) => [of === 'metadata' ? name : `$.${name}`, value])
    const sql = `SELECT json FROM ${this.#name} WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ? OFFSET ?`
    return this.#rows(sql, [...values, limit, offset])
  }

  /** The number of records, or of those with the given values of indexed columns. */
  count(where: Record<string, string> = {}): number {
    const columns = Object.keys(where)
    const condition = columns.length === 0 ? '' : `WHERE ${columns.map((column) => `${column} = ?`).join(' AND ')}`
    const sql = `SELECT count(*) AS number FROM ${this.#name} ${condition}`
    return this.#prepare(sql).get(...Object.values(where))!.number as number
  }

  /** All records, oldest first. */
  all(): Row[] {
    return this.#rows(`SELECT json FROM ${this.#name} ORDER BY seq`, [])
  }

  #rows(sql: string, values: SQLInputValue[]): Row[] {
    return this.#prepare(sql)
      .all(...values)
      .map((row) => JSON.parse(row.json as string) as Row)
  }
}
