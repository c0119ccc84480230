// What a start has opened, to be closed in reverse order: by a stop, or by a start that fails half way.

export type Closers = {
  push(close: () => Promise<unknown>): void
  /** Closes all, each after the ones that were opened later. @throws {AggregateError} when one could not be closed; the others are */
  closeAll(): Promise<void>
}

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
