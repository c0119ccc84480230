// (o) What telling people costs: whole sales with notices at work and without, in turns. Without: a lock on its table
// of positions keeps it from hearing anything, and it catches up before the next round. In one process the difference
// is all of the work of notices. With a process and a server of its own for each service, what the others do for it is
// told apart.
// (p) 10,000 mails that are due at once, to a server that takes 200 a second.

import { setTimeout as sleep } from 'node:timers/promises'
import { contactPurpose } from '@aisle/contracts/messages/auth'
import { findNatsServer } from '@aisle/dev/nats'
import { makeKeyPair, seal } from '@aisle/kit/sealed'
import { newId } from '@aisle/kit/time/ids'
import { SMTPServer } from 'smtp-server'
import { usedByOthers } from './processes.ts'
import { type Crowd, openCrowd, type Round } from './sales.ts'
import { type BenchStack, startBenchStack } from './stack.ts'
import { median, ms, perSecond, type Row, spread } from './table.ts'

const rounds = 4
const caughtUpWithinMs = 120_000

export async function telling(): Promise<Row[]> {
  return [...(await inOneProcess()), ...(findNatsServer() ? [await inProcessesOfTheirOwn()] : [])]
}

async function inOneProcess(): Promise<Row[]> {
  await using stack = await startBenchStack()
  const { told, untold } = await inTurns(stack, (crowd) => crowd.round())
  const costs = (of: Round[]) => of.map(({ msASale: { node, servers } }) => node + servers)
  const rates = (of: Round[]) => of.map(({ drainedRate }) => drainedRate)
  return [
    {
      name: '(o) whole sales, with notices',
      ours: spread(rates(told), perSecond),
      reference: `without: ${spread(rates(untold), perSecond)}`,
      ratio: `${(median(rates(told)) / median(rates(untold))).toFixed(2)} x as many`,
      aim: 'at least 0.95, where notices has its own cores',
      figures: { toldPerSecond: rates(told), untoldPerSecond: rates(untold) },
    },
    {
      name: '(o) processor time of a sale, with notices',
      ours: spread(costs(told), ms),
      reference: `without: ${spread(costs(untold), ms)}`,
      ratio: `${(median(costs(told)) / median(costs(untold))).toFixed(2)} x as long`,
      aim: 'as (o) whole sales',
      figures: { toldMs: costs(told), untoldMs: costs(untold) },
    },
  ]
}

async function inProcessesOfTheirOwn(): Promise<Row> {
  await using stack = await startBenchStack({ program: 'dev/distributed.ts' })
  const { told, untold } = await inTurns(stack, async (crowd) => {
    const before = usedByOthers(stack.pid, 'notices')
    const { latencies } = await crowd.round()
    return ((usedByOthers(stack.pid, 'notices') - before) / latencies.length) * 1000
  })
  return {
    name: '(o) processor time of a sale in all others',
    ours: spread(told, ms),
    reference: `without: ${spread(untold, ms)}`,
    ratio: `${(median(told) / median(untold)).toFixed(2)} x as long`,
    aim: 'at most 1.05',
    figures: { toldMs: told, untoldMs: untold },
  }
}

/** Measures rounds of sales with notices at work and without. */
async function inTurns<T>(
  stack: BenchStack,
  measure: (crowd: Crowd) => Promise<T>,
): Promise<{ told: T[]; untold: T[] }> {
  const crowd = await openCrowd(stack)
  const [told, untold]: [T[], T[]] = [[], []]
  // Warms up: what is compiled or written once.
  await crowd.oneAlone()
  for (let round = 0; round < rounds; round++) {
    told.push(await measure(crowd))
    await isQuiet(stack)
    const lock = await stack.sql('notices').reserve()
    await lock`begin`
    // It is held as long as a round takes.
    await lock`set local idle_in_transaction_session_timeout = 0`
    await lock`set local transaction_timeout = 0`
    await lock`lock table cursors in access exclusive mode`
    untold.push(await measure(crowd))
    await lock`rollback`
    lock.release()
    await isQuiet(stack)
  }
  crowd.close()
  return { told, untold }
}

/** Waits until both sides of every sale have their notices and no mail is pending. */
async function isQuiet(stack: BenchStack): Promise<void> {
  const deadline = performance.now() + caughtUpWithinMs
  for (;;) {
    const [sold] = await stack.sql('orders')<[{ count: number }]>`
      select count(*)::int as count from orders where status = 'complete'`
    const [bought] = await stack.sql('notices')<[{ count: number }]>`
      select count(*)::int as count from notices where kind = 'bought'`
    const open = await stack.sql('notices')`select from work where status = 'pending' limit 1`
    if (bought.count === sold.count && open.length === 0) return
    if (performance.now() > deadline) throw new Error(`${bought.count} of ${sold.count} sales were told.`)
    await sleep(100)
  }
}

const mailsASecond = 200
/** By importance, the least important first. */
const due = [
  { kind: 'expired', importance: 'order', count: 5_000 },
  { kind: 'bought', importance: 'money', count: 4_500 },
  { kind: 'secured', importance: 'security', count: 500 },
]

export async function mails(): Promise<Row> {
  const server = await startSlowServer()
  await using stack = await startBenchStack({ env: { MAIL_URL: server.url } })
  const all = due.reduce((sum, { count }) => sum + count, 0)
  await makeDue(stack)
  const begun = performance.now()
  while (server.subjects.length < all) {
    if (performance.now() - begun > 5 * 60_000) throw new Error(`${server.subjects.length} of ${all} mails came.`)
    await sleep(100)
  }
  const seconds = (performance.now() - begun) / 1000
  await server.close()
  const placeOf = (text: string) => server.subjects.findLastIndex((subject) => subject.startsWith(text)) + 1
  return {
    name: '(p) 10,000 mails due at once',
    ours: [
      `${seconds.toFixed(0)} s`,
      `the last about security was no. ${placeOf('New sign-in')}`,
      `the last about money no. ${placeOf('Your ticket')}`,
    ].join('; '),
    reference: `the server takes ${mailsASecond} a second: ${all / mailsASecond} s`,
    ratio: `${(seconds / (all / mailsASecond)).toFixed(2)} x as long`,
    aim: 'within 60 s',
    figures: { seconds },
  }
}

/** Someone with a confirmed address, and mails to them that are due. */
async function makeDue(stack: BenchStack): Promise<void> {
  const sql = stack.sql('notices')
  const userId = newId()
  const { publicKey, privateKey } = await makeKeyPair()
  const sealed = await seal(publicKey, contactPurpose, { address: 'ada@example.org', name: 'Ada' })
  await sql`
    insert into contact_keys (user_id, version, private_key, made_at)
    values (${userId}, 1, ${JSON.stringify(privateKey)}::text::jsonb, now())`
  await sql`
    insert into contacts (user_id, version, sealed, language, confirmed) values (${userId}, 1, ${sealed}, 'en', true)`
  const params = JSON.stringify({ what: 'new-device', at: new Date().toISOString() })
  for (const { kind, count } of due) {
    const ids = Array.from({ length: count }, () => newId())
    await sql`
      insert into notices (id, user_id, kind, fact, params, is_shown, made_at)
      select id, ${userId}, ${kind}, id, ${params}::text::jsonb, true, now() from unnest(${ids}::uuid[]) id`
  }
  await sql`
    insert into deliveries (notice_id, user_id, status, changed_at) select id, user_id, 'queued', now() from notices`
  const importanceOf = JSON.stringify(Object.fromEntries(due.map(({ kind, importance }) => [kind, importance])))
  await sql`
    insert into work (key, kind, subject, data, tries, next_try_at, created_at)
    select 'mail-' || importance || ':' || id || ':1', 'mail-' || importance, id::text,
      jsonb_build_object('noticeId', id), 0, now(), now()
    from notices, lateral (select ${importanceOf}::text::jsonb ->> kind as importance) i`
}

/** A real SMTP server that answers one mail after another, at its own pace. */
async function startSlowServer() {
  const subjects: string[] = []
  let nextAt = 0
  const server: SMTPServer = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const now = performance.now()
        nextAt = Math.max(nextAt + 1000 / mailsASecond, now)
        await sleep(nextAt - now)
        subjects.push(/^Subject: (.*)/m.exec(Buffer.concat(chunks).toString())?.[1] ?? '')
        callback(null, 'taken')
      })
    },
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()))
  const { port } = server.server.address() as { port: number }
  return {
    url: `smtp://127.0.0.1:${port}`,
    subjects,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}
