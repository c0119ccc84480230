// A pooler in transaction mode, like PgBouncer, for tests: clients authenticate at the server themselves; from then
// on every transaction gets whichever of all these connections is free.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type Pooler = AsyncDisposable & { readonly port: number }

type Upstream = { socket: Socket; client: Socket | null; rest: Buffer }

/** Starts a pooler in front of the server at `port` of this machine. */
export async function startPooler(port: number): Promise<Pooler> {
  const upstreams = new Set<Upstream>()
  /** Least recently used first, so that a client rarely gets the same connection twice. */
  const free: Upstream[] = []
  const waiting: ((upstream: Upstream) => void)[] = []

  const server = createServer((client) => {
    const own: Upstream = { socket: connect(port, '127.0.0.1'), client, rest: Buffer.alloc(0) }
    upstreams.add(own)
    let current: Upstream | null = own
    let sending = Promise.resolve()
    own.socket.on('data', (chunk) => hear(own, chunk))
    own.socket.on('error', () => {})
    client.on('error', () => {})
    client.on('data', (chunk) => {
      sending = sending.then(async () => {
        if (chunk[0] === 'X'.charCodeAt(0)) return void client.end()
        if (current?.client !== client) current = null
        current ??= await take()
        current.client = client
        current.socket.write(chunk)
      })
    })
  })

  function take(): Promise<Upstream> {
    const next = free.shift()
    return next ? Promise.resolve(next) : new Promise((resolve) => waiting.push(resolve))
  }

  /** Forwards what the server sends, and releases the connection when it is ready for another transaction. */
  function hear(upstream: Upstream, chunk: Buffer): void {
    upstream.client?.write(chunk)
    let rest = Buffer.concat([upstream.rest, chunk])
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const length = 1 + rest.readInt32BE(1)
      const isReady = rest.toString('latin1', 0, 1) === 'Z' && rest.toString('latin1', 5, 6) === 'I'
      rest = rest.subarray(length)
      if (!isReady) continue
      upstream.client = null
      const next = waiting.shift()
      if (next) next(upstream)
      else free.push(upstream)
    }
    upstream.rest = rest
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const { socket } of upstreams) socket.destroy()
      server.close()
    },
  }
}
