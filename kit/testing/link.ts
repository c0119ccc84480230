// A network link that can fail: a TCP proxy on this machine's loopback.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const keepaliveMs = 15_000

export type LinkState = 'open' | 'cut' | 'silent' | { delayMs: number }

export type Link = {
  readonly port: number
  /**
   * Cut: connections are reset and refused. Silent: nothing that is sent arrives, and no error is reported;
   * connections are reset when the silence ends.
   */
  set(state: LinkState): void
  /**
   * The connections that are open now stay open and carry nothing any more: no data, no end, no reset, in neither
   * direction. New ones work. This is what happens when a firewall or a failover forgets connections. The far end
   * is closed after 15 s, as its keepalives would do.
   */
  forget(): void
  close(): Promise<void>
}

/** Opens a link to a port of this machine. */
export async function openLink(to: number): Promise<Link> {
  let state: LinkState = 'open'
  const pairs = new Set<[Socket, Socket]>()
  const forgotten = new Set<[Socket, Socket]>()
  const server = createServer((near) => {
    if (state === 'cut') return void near.resetAndDestroy()
    const far = connect(to, '127.0.0.1')
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    for (const [from, other] of [pair, [far, near] as const]) {
      from.setNoDelay(true)
      from.on('error', () => {})
      from.once('close', () => {
        pairs.delete(pair)
        if (!forgotten.has(pair)) other.destroy()
      })
      void carry(from, other, pair)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      const wasSilent = state === 'silent'
      state = next
      // What was lost in the silence is never sent again: such a connection is dead.
      if (next !== 'cut' && !wasSilent) return
      for (const pair of [...pairs]) if (!forgotten.has(pair)) pair[0].resetAndDestroy()
    },
    forget() {
      const now = [...pairs]
      for (const pair of now) forgotten.add(pair)
      setTimeout(() => {
        for (const [, far] of now) far.destroy()
      }, keepaliveMs).unref()
    },
    async close() {
      server.close()
      for (const pair of new Set([...pairs, ...forgotten])) for (const socket of pair) socket.destroy()
      await once(server, 'close')
    },
  }

  async function carry(from: Socket, to: Socket, pair: [Socket, Socket]): Promise<void> {
    try {
      for await (const chunk of from) {
        if (forgotten.has(pair)) return await new Promise(() => {})
        if (state === 'silent') continue
        if (typeof state === 'object') await sleep(state.delayMs)
        if (!to.write(chunk)) await once(to, 'drain')
      }
      if (!forgotten.has(pair)) to.end()
    } catch {
      if (!forgotten.has(pair)) to.destroy()
    }
  }
}
