// Takes the mails that come back, over SMTP. It takes nothing else: whatever is not for one of our own return addresses
// is refused, and nothing is passed on. What it has answered with 250 is durable work.
//
// It speaks no TLS and knows no users. A mail server in front of it may do both, and keeps what it cannot deliver while
// this one is away.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Service } from '@aisle/kit/boot/service'
import { SMTPServer } from 'smtp-server'
import { ComeBack } from './come-back.ts'
import { readReport } from './report.ts'
import { readReturnAddress } from './return-address.ts'

const mostBytes = 1024 * 1024
const mostConnections = 20
/** A connection that is silent for so long is closed, and any at all after the second time. */
const silentForMs = 30_000
const openForMs = 5 * 60_000

const reply = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode })

type Options = { host: string; port: number; secret: string; base: string }

/** `base` is MAIL_RETURN. Resolves once it listens, to a function that closes it. @throws when the port is taken */
export async function startReturnServer(
  { host, port, secret, base }: Options,
  { db, log }: Pick<Service, 'db' | 'log'>,
): Promise<() => Promise<void>> {
  const server = new SMTPServer({
    name: base.slice(base.indexOf('@') + 1),
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: mostBytes,
    rejectOversized: true,
    maxClients: mostConnections,
    maxRecipients: 1,
    socketTimeout: silentForMs,
    closeTimeout: 1_000,
    onRcptTo({ address }, _session, callback) {
      callback(readReturnAddress(secret, base, address) === null ? reply(550, '5.7.1 No such address here') : null)
    },
    onData(stream, session, callback) {
      const [recipient] = session.envelope.rcptTo
      const noticeId = readReturnAddress(secret, base, recipient?.address ?? '')
      const chunks: Buffer[] = []
      let length = 0
      stream.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length <= mostBytes) chunks.push(chunk)
      })
      stream.on('end', async () => {
        if (noticeId === null || stream.sizeExceeded) return callback(reply(550, '5.7.1 No such address here'))
        try {
          await take(noticeId, Buffer.concat(chunks))
          callback(null, 'Thank you')
        } catch (error) {
          log.error({ err: error, notice: noticeId }, 'could not take a mail that came back')
          callback(reply(451, '4.3.0 Try again later'))
        }
      })
    },
  })

  async function take(noticeId: string, raw: Buffer): Promise<void> {
    const report = await readReport(raw)
    if (!report) return log.info({ notice: noticeId }, 'a mail came back that is no report')
    // The same report again is the same work.
    const key = createHash('sha256').update(noticeId).update(JSON.stringify(report)).digest('hex')
    await db.tx((tx) => tx.later(ComeBack, key, { noticeId, addressMac: null, ...report }, { subject: noticeId }))
  }

  server.server.on('connection', (socket: Socket) => {
    const timer = setTimeout(() => socket.destroy(), openForMs)
    socket.on('close', () => clearTimeout(timer))
  })
  const listening = once(server.server, 'listening')
  // A connection that breaks is no error of ours.
  server.on('error', (error) => log.debug({ err: error }, 'a connection of the return server broke'))
  server.listen(port, host)
  await listening
  return () => new Promise((resolve) => server.close(resolve))
}
