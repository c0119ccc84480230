// A wait that can be cut short.

export type Pause = {
  /** Resolves after `ms` milliseconds, when it is woken, or at once after `end`. */
  wait(ms: number): Promise<void>
  wake(): void
  /** Wakes it, and makes every later wait resolve at once. */
  end(): void
}

/** For a loop that has nothing to do until something happens: one wait at a time. */
export function createPause(): Pause {
  let ended = false
  let wake = () => {}
  return {
    wait: (ms) =>
      ended
        ? Promise.resolve()
        : new Promise((resolve) => {
            const done = () => {
              clearTimeout(timer)
              wake = () => {}
              resolve()
            }
            const timer = setTimeout(done, ms)
            wake = done
          }),
    wake: () => wake(),
    end() {
      ended = true
      wake()
    },
  }
}
