// (n) A service that is 200,000 messages behind: they are put into the outbox of tickets at once, and orders mirrors
// them. How many it takes in a second, and how much memory that takes. With CATCH_UP_MESSAGES there are as many as it
// says. Reference: PostgreSQL alone, which writes the same rows of the mirror in one statement.

import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, isNode, memoryMegabytes, processTree } from './processes.ts'
import { type BenchStack, sellerId } from './stack.ts'
import { perSecond, type Row } from './table.ts'

const messages = Number(process.env.CATCH_UP_MESSAGES ?? 200_000)
const lookEveryMs = 250

export async function catchUp(stack: BenchStack): Promise<Row> {
  const [tickets, orders] = [stack.sql('tickets'), stack.sql('orders')]
  const id = `('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
  const now = `to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  const mirrored = async () => {
    const [row] = await orders<{ count: number }[]>`
      select count(*)::int as count from tickets where id > '01920000-0000-7000-8000-000000000000'`
    return row!.count
  }
  const used = () => {
    const tree = processTree(stack.pid)
    return { node: cpuSeconds(tree.filter(isNode)), servers: cpuSeconds(tree.filter((pid) => !isNode(pid))) }
  }
  const memory = () => memoryMegabytes([stack.pid])
  const atRest = memory()
  await tickets.unsafe(
    `insert into outbox (message)
     select json_build_object('specversion', '1.0', 'id', uuidv7(), 'source', '/aisle/tickets', 'type',
       'ticket:created', 'subject', ${id}, 'time', ${now}, 'datacontenttype', 'application/json',
       'data', json_build_object('id', ${id}, 'title', 'Two seats in the stalls', 'price', 5000, 'currency', 'usd',
         'seller', json_build_object('id', '${sellerId}', 'name', 'Seller'), 'status', 'listed', 'version', 1,
         'createdAt', ${now},
         'updatedAt', ${now}))
     from generate_series(1, $1::int) n`,
    [messages],
  )
  const [begun, before] = [performance.now(), used()]
  await tickets`select pg_notify('outbox', '')`
  const seen: number[] = []
  while ((await mirrored()) < messages) {
    seen.push(memory())
    await sleep(lookEveryMs)
  }
  const seconds = (performance.now() - begun) / 1000
  const after = used()
  const each = (key: 'node' | 'servers') => (((after[key] - before[key]) / messages) * 1e6).toFixed(0)
  // The second half shows whether it grows with what was read.
  const half = Math.floor(seen.length / 2)
  const [early, late] = [Math.max(...seen.slice(0, half)), Math.max(...seen.slice(half))]
  const alone = performance.now()
  await orders.unsafe(
    'create temporary table same (like tickets including all); insert into same select * from tickets',
  )
  const reference = messages / ((performance.now() - alone) / 1000)
  return {
    name: `(n) orders takes ${messages.toLocaleString('en')} messages that it is behind`,
    ours: `${perSecond(messages / seconds)}, node ${each('node')} µs and servers ${each('servers')} µs each`,
    reference: `one statement: ${perSecond(reference)}; memory ${[atRest, early, late].map((mb) => Math.round(mb)).join(', ')} MB at rest, in the first half, in the second`,
    ratio: (messages / seconds / reference).toFixed(2),
    aim: '20,000/s, level memory',
  }
}
