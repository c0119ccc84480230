// Limits how many requests of one client are handled at a time; its others queue. A client that asks for more,
// within its rate limit, then delays itself and no others, whatever its requests cost: a database connection, a
// wait for a message, a slow search.

export type Turns = {
  /**
   * Resolves when it is this request's turn, to the function that ends the turn: call it exactly once. Resolves to
   * null when the service stops first; then the request was not begun and must not be.
   */
  take(client: string): Promise<(() => void) | null>
  /** Ends every wait, so that a stop need not last as long as the longest queue. */
  close(): void
}

type Client = { busy: number; waiting: ((isTurn: boolean) => void)[] }

/**
 * `atOnce`: how many requests of one client are handled at a time. Further ones are served in the order of their
 * arrival.
 */
export function createTurns(atOnce: number): Turns {
  const clients = new Map<string, Client>()
  return {
    async take(name) {
      const client = clients.get(name) ?? { busy: 0, waiting: [] }
      clients.set(name, client)
      if (client.busy < atOnce) client.busy++
      else if (!(await new Promise<boolean>((resolve) => client.waiting.push(resolve)))) return null
      return () => {
        const next = client.waiting.shift()
        if (next) return next(true)
        client.busy--
        if (client.busy === 0) clients.delete(name)
      }
    },
    close() {
      for (const { waiting } of clients.values()) for (const end of waiting.splice(0)) end(false)
    },
  }
}
