// A real SMTP server for tests, which records what it accepts, and behaves as a test wants.

import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** `from` is where it comes back to. */
export type Accepted = { from: string; to: string; messageId: string; subject: string; raw: string }
/** What a mail server can do at a moment: a reply that ends the command, a lost connection, or a pause. */
export type Whim = { code: number; message: string } | 'drop' | Promise<unknown>
export type Moment = 'connect' | 'recipient' | 'data' | 'accepted'
/** What it does at a moment of a mail; `data` is before its text is read, `accepted` after its 250 was written. */
export type Whims = (moment: Moment, to: string) => Whim | null

export type MailServer = AsyncDisposable & {
  readonly url: string
  readonly accepted: Accepted[]
  /** Behaves like this from now on; by default it accepts everything. */
  behave(whims: Whims): void
}

type Reply = Error & { responseCode?: number }
const refusal = (code: number, message: string): Reply => Object.assign(new Error(message), { responseCode: code })

const header = (raw: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(raw)?.[1]?.replaceAll(/\r\n\s+/g, ' ') ?? ''

export async function startMailServer(): Promise<MailServer> {
  const accepted: Accepted[] = []
  let whims: Whims = () => null
  // By the port at the other end, which a session names.
  const sockets = new Map<number | undefined, Socket>()

  /** Resolves to the error to reply with; never when the connection is gone. */
  async function indulge(moment: Moment, to: string, remotePort: number): Promise<Reply | null> {
    const whim = whims(moment, to)
    if (whim === null) return null
    if (whim === 'drop') {
      sockets.get(remotePort)?.destroy()
      return new Promise(() => {})
    }
    if (whim instanceof Promise) {
      await whim
      return null
    }
    return refusal(whim.code, whim.message)
  }

  const server: SMTPServer = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onConnect(session, callback) {
      void indulge('connect', '', session.remotePort).then((error) => callback(error))
    },
    onRcptTo({ address }, session, callback) {
      void indulge('recipient', address, session.remotePort).then((error) => callback(error))
    },
    onData(stream, session, callback) {
      const to = session.envelope.rcptTo.map(({ address }) => address).join(', ')
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const error = await indulge('data', to, session.remotePort)
        if (error) return callback(error)
        const raw = Buffer.concat(chunks).toString()
        const { mailFrom } = session.envelope
        const from = mailFrom ? mailFrom.address : ''
        accepted.push({ from, to, messageId: header(raw, 'message-id'), subject: header(raw, 'subject'), raw })
        await indulge('accepted', to, session.remotePort)
        callback(null, 'accepted')
      })
    },
  })
  // Connections that a test breaks are no errors.
  server.on('error', () => {})
  server.server.prependListener('connection', (socket: Socket) => {
    const { remotePort } = socket
    sockets.set(remotePort, socket)
    socket.on('close', () => sockets.delete(remotePort))
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    accepted,
    behave(next) {
      whims = next
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.values()) socket.destroy()
      await new Promise<void>((closed) => server.close(() => closed()))
    },
  }
}
