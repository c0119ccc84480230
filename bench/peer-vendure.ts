// (v) Vendure, a shop on Node and PostgreSQL, beside us: whole orders a second, in turns, and 200 buyers for one unit.
// Only when --peers is given: the first time it installs Vendure from npm into a cache folder (bench/peers/).

import { drain } from './drain.ts'
import { openCrowd, sell } from './sales.ts'
import { type BenchStack, createClient, startBenchStack } from './stack.ts'
import { median, type Row, spread } from './table.ts'
import { openShop } from './vendure-shop.ts'

const buyers = 32
const rivals = 200
const rounds = 3
const roundMs = 5_000

export async function besideVendure(): Promise<Row[]> {
  await using stack = await startBenchStack()
  await using shop = await openShop(rounds)
  const crowd = await openCrowd(stack)
  const [ours, theirs, ourRaces, theirRaces]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let round = 0; round < rounds; round++) {
    theirs.push(await shop.perSecond(buyers, roundMs))
    ours.push((await crowd.round()).drainedRate)
    theirRaces.push(await shop.race(rivals))
    ourRaces.push(await race(stack))
  }
  crowd.close()
  const rate = (value: number) => `${value.toFixed(1)}/s`
  return [
    {
      name: `(v) whole orders, ${buyers} buyers`,
      ours: spread(ours, rate),
      reference: `Vendure ${shop.version}: ${spread(theirs, rate)}`,
      ratio: `${(median(ours) / median(theirs)).toFixed(1)} x as many`,
      aim: 'at least 30 x',
      figures: { salesPerSecond: ours, vendureOrdersPerSecond: theirs },
    },
    {
      name: `(v) ${rivals} buyers for one unit`,
      ours: `sold ${spread(ourRaces, String)} times`,
      reference: `Vendure ${shop.version}: sold ${spread(theirRaces, String)} times`,
      ratio: `${median(ourRaces) - 1} oversold, ${median(theirRaces) - 1}`,
      aim: '0 oversold',
      figures: { sold: ourRaces, vendureSold: theirRaces },
    },
  ]
}

/** How often one ticket is sold when so many want it at once. */
async function race(stack: BenchStack): Promise<number> {
  const cookies = await stack.buyers(rivals)
  const [ticketId] = await stack.tickets(1)
  const client = createClient(stack.url, rivals)
  const bought = await Promise.all(
    cookies.map((cookie) =>
      sell(client, cookie, ticketId!).then(
        () => true,
        (error: Error) => {
          if (!error.message.startsWith('Reserving answered 409')) throw error
          return false
        },
      ),
    ),
  )
  client.close()
  await drain(stack)
  return bought.filter(Boolean).length
}
