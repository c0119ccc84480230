// The resources that a start has opened. A stop, or a start that fails halfway, closes them in reverse order.

export type Closers = {
  push(close: () => Promise<unknown>): void
  /**
   * Closes all, each after those opened later.
   * @throws {AggregateError} when some could not be closed; the others are closed
   */
  closeAll(): Promise<void>
}

/** An empty list of closers for the service `name`. */
export function createClosers(name: string): Closers {
  const closers: (() => Promise<unknown>)[] = []
  return {
    push: (close) => void closers.push(close),
    async closeAll() {
      const failures: unknown[] = []
      for (let close = closers.pop(); close; close = closers.pop())
        await close().catch((error: unknown) => failures.push(error))
      if (failures.length > 0) throw new AggregateError(failures, `${name} did not stop cleanly`)
    },
  }
}
