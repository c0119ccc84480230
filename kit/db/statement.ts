// A statement of a pool. One of postgres.js belongs to the client that made it; this one gets its connection when it
// is executed, and becomes a fragment of any other statement that it is written into.

import type postgres from 'postgres'
import type { Sql } from './client.ts'

type Query = postgres.PendingQuery<postgres.Row[]>
type Result = Awaited<Query>

/** Makes the statement of postgres.js for the connection `sql`; it is sent when it is awaited. */
export type Write = (sql: Sql) => Query

/** A lazy promise, like those of postgres.js: it is executed once, when it is awaited or by `execute()`. */
export class Statement implements Promise<Result> {
  readonly [Symbol.toStringTag] = 'Statement'
  /** Makes the statement, or the same as a fragment, for another connection. */
  readonly write: Write
  readonly #run: (write: Write) => Promise<Result>
  #result: Promise<Result> | null = null

  /** `run` takes a connection and settles like the statement that `write` makes for it. */
  constructor(write: Write, run: (write: Write) => Promise<Result>) {
    this.write = write
    this.#run = run
  }

  execute(): this {
    this.#settled()
    return this
  }

  // biome-ignore lint/suspicious/noThenProperty: that is how `await` executes it
  then<Then = Result, Else = never>(
    onResult?: ((result: Result) => Then | PromiseLike<Then>) | null,
    onError?: ((error: unknown) => Else | PromiseLike<Else>) | null,
  ): Promise<Then | Else> {
    return this.#settled().then(onResult, onError)
  }

  catch<Else = never>(onError?: ((error: unknown) => Else | PromiseLike<Else>) | null): Promise<Result | Else> {
    return this.#settled().catch(onError)
  }

  finally(onEnd?: (() => void) | null): Promise<Result> {
    return this.#settled().finally(onEnd)
  }

  /** Otherwise postgres.js would send the text `[object Object]` for one that stands where only a value may. */
  toString(): never {
    throw new TypeError('A statement can be part of a template, but it is not a value.')
  }

  #settled(): Promise<Result> {
    this.#result ??= this.#run(this.write)
    return this.#result
  }
}

/** Arguments of a template or a helper: a `Statement`, or each of a list of them, becomes a fragment of `sql`. */
export const withFragments = (sql: Sql, values: readonly unknown[]): unknown[] =>
  values.map((value) => {
    if (value instanceof Statement) return value.write(sql)
    if (!Array.isArray(value) || !(value[0] instanceof Statement)) return value
    return withFragments(sql, value)
  })

/** `sql`, a connection of postgres.js, for templates that may contain a `Statement`. `check` throws to refuse one. */
export const acceptStatements = <Connection extends Sql>(sql: Connection, check: () => void = () => {}): Connection =>
  new Proxy(sql, {
    apply(target, self, values) {
      check()
      return Reflect.apply(target, self, withFragments(target, values))
    },
  })
