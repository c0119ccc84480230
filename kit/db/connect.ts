// How every part of the code connects to PostgreSQL: the statements are those of postgres.js, the connections come
// from lines.ts. In the pool of postgres.js, a connection that is lost in the tick in which it is written to is
// never opened again, and what waits for it waits for ever.

import type postgres from 'postgres'
import { type ClientOptions, openClient } from './client.ts'
import { openLines, type PoolUse } from './lines.ts'

type Options = Omit<ClientOptions, 'max' | 'idle_timeout' | 'onclose'> & {
  /** Maximum number of connections; 10 by default. */
  max?: number
  /** Seconds after which an unused connection is closed; by default never. */
  idle_timeout?: number
  /**
   * Milliseconds that a statement may take before its connection counts as lost; 34,000 by default, `null` for no
   * limit.
   */
  answerWithinMs?: number | null
  /** Called when a connection was lost. */
  onclose?: () => void
}

/**
 * TCP keepalives for a connection whose end matters to others. A client whose machine is gone sends nothing, so the
 * server probes it after 5 s of silence and ends the connection after three unanswered probes, 2 s apart.
 */
export const keepalives = { tcp_keepalives_idle: 5, tcp_keepalives_interval: 2, tcp_keepalives_count: 3 }

/**
 * Opens a pool for `url`. Each statement has a connection to itself until it is answered. A statement whose
 * connection is lost is rejected, and may or may not have been executed. `begin` has a connection of its own.
 * Connections are opened when they are needed.
 */
export function connect(url: string, options: Options = {}): postgres.Sql & { readonly use: () => PoolUse } {
  const { max = 10, idle_timeout: idleSeconds = 0, answerWithinMs, onclose, ...rest } = options
  const made = openClient(url, { ...rest, max })
  const lines = openLines(url, {
    max,
    client: rest,
    ...(idleSeconds > 0 ? { idleForMs: idleSeconds * 1000 } : {}),
    ...(answerWithinMs === undefined ? {} : { useWithinMs: answerWithinMs }),
    ...(onclose ? { onLost: onclose } : {}),
  })
  /**
   * postgres.js runs a statement through its handler, once it is awaited; it never does so for a statement that is
   * part of another.
   */
  const ours = <Made>(result: Made): Made => {
    if (result instanceof Promise) Object.assign(result, { handler: lines.run })
    return result
  }
  const own = {
    use: lines.use,
    unsafe: (...values: Parameters<postgres.Sql['unsafe']>) => ours(made.unsafe(...values)),
    async reserve() {
      const { sql, giveBack } = await lines.take()
      return new Proxy(sql, { get: (target, name) => (name === 'release' ? giveBack : Reflect.get(target, name)) })
    },
    async end({ timeout }: { timeout?: number } = {}) {
      await Promise.all([lines.close(timeout), made.end({ timeout: timeout ?? 0 })])
    },
  }
  return new Proxy(made, {
    apply: (target, self, values) => ours(Reflect.apply(target, self, values)),
    get: (target, name) => (name in own ? own[name as keyof typeof own] : Reflect.get(target, name)),
  }) as postgres.Sql & { readonly use: () => PoolUse }
}
