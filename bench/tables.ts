// The size of the rows of every table, and how many rows a sale leaves: node bench/tables.ts [sales]. The
// figures of docs/tables.md.

import { sell } from './sales.ts'
import { createClient, startBenchStack } from './stack.ts'

const sales = Number(process.argv[2] ?? 400)
const atOnce = 8

await using stack = await startBenchStack()
const response = await fetch(`${stack.url}/api/users/signup`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email: 'seller@aisle.test', password: 'quiet marmalade 47', name: 'Mara' }),
})
if (response.status !== 201) throw new Error(`Signing up answered ${response.status} ${await response.text()}`)
const seller = response.headers.get('set-cookie')!.split(';')[0]!
const client = createClient(stack.url, atOnce)
const buyers = await stack.buyers(atOnce)
const list = async (nth: number) => {
  const listed = await client.send('POST', '/api/tickets', seller, {
    title: 'Two seats in the stalls',
    description: 'Together, with a good view of the stage. A friend cannot come.',
    price: 4500,
    event: {
      name: `The Winter Concert ${Math.floor(nth / 20)}`,
      venue: 'Great Hall',
      city: 'Vienna',
      startsAt: '2099-12-01T19:00:00Z',
      timeZone: 'Europe/Vienna',
      kind: 'concert',
    },
  })
  if (listed.status !== 201) throw new Error(`Listing answered ${listed.status} ${listed.body}`)
  return (JSON.parse(listed.body) as { id: string }).id
}
let next = 0
await Promise.all(
  buyers.map(async (buyer) => {
    while (next < sales) {
      const ticketId = await list(next++)
      while ((await client.send('GET', `/api/tickets/${ticketId}`, buyer)).status !== 200);
      await sellOnceKnown(buyer, ticketId)
    }
  }),
)
client.close()

console.log('| table | rows | rows a sale | bytes a row, with its indexes |\n|---|---:|---:|---:|')
for (const service of Object.keys(stack.databases)) {
  const sql = stack.sql(service)
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
    order by 1`
  for (const { name } of tables) {
    await sql.unsafe(`vacuum full "${name}"`)
    const [row] = await sql.unsafe<{ rows: number; bytes: number }[]>(
      `select count(*)::int as rows, pg_total_relation_size('"${name}"')::int as bytes from "${name}"`,
    )
    const { rows, bytes } = row!
    const each = rows < sales / 2 ? '' : Math.round(bytes / rows)
    console.log(`| ${service}.${name} | ${rows} | ${(rows / sales).toFixed(2)} | ${each} |`)
  }
}

/** Orders receives a ticket a moment after it was listed. */
async function sellOnceKnown(buyer: string, ticketId: string): Promise<void> {
  for (;;) {
    const sold = await sell(client, buyer, ticketId).then(
      () => true,
      (error: Error) => {
        if (!error.message.startsWith('Reserving answered 404')) throw error
        return false
      },
    )
    if (sold) return
  }
}
