// (l) Sign-in, which is made of one hash of the password: directly at auth, each connection with an account of its own.
// Reference: the bare hash, as many at a time, in turns with it.

import { createPasswords } from '../services/auth/passwords.ts'
import { type BenchStack, createClient } from './stack.ts'
import { median, ms, percentile, perSecond, type Row, spread } from './table.ts'

const connections = 8
const roundMs = 4_000
const rounds = 3
const password = 'quiet marmalade 47'

export async function signIn(stack: BenchStack): Promise<Row> {
  const client = createClient(stack.addresses.auth!, connections)
  const passwords = await createPasswords()
  const stored = await passwords.hash(password)
  const emails = Array.from({ length: connections }, (_, nth) => `buyer-${nth}@aisle.test`)
  const ask = async (path: string, status: number, body: object) => {
    const answer = await client.send('POST', `/api/users/${path}`, '', body)
    if (answer.status !== status) throw new Error(`/api/users/${path} answered ${answer.status} ${answer.body}`)
  }
  for (const email of emails) await ask('signup', 201, { email, password })

  const [ours, reference]: [Round[], Round[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    reference.push(await measure(() => passwords.verify(stored, password)))
    ours.push(await measure((nth) => ask('signin', 200, { email: emails[nth], password })))
  }
  client.close()
  const [rates, bareRates] = [ours, reference].map((those) => those.map((round) => round.perSecond)) as [
    number[],
    number[],
  ]
  const latencies = ours.flatMap((round) => round.latencies)
  return {
    name: '(l) sign-in, argon2id of 19 MiB in two passes',
    ours: `${spread(rates, perSecond)}, p50 ${ms(percentile(latencies, 0.5))}, p99 ${ms(percentile(latencies, 0.99))}`,
    reference: `the bare hash, ${connections} at a time: ${spread(bareRates, perSecond)}`,
    ratio: (median(rates) / median(bareRates)).toFixed(2),
    aim: 'at least 0.7',
    figures: { perSecond: rates, hashesPerSecond: bareRates, p99Ms: percentile(latencies, 0.99) },
  }
}

type Round = { perSecond: number; latencies: number[] }

/** Does something over and over, as often at a time as there are connections. */
async function measure(once: (connection: number) => Promise<unknown>): Promise<Round> {
  const latencies: number[] = []
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async (_, nth) => {
      while (performance.now() - begun < roundMs) {
        const before = performance.now()
        await once(nth)
        latencies.push(performance.now() - before)
      }
    }),
  )
  return { perSecond: (latencies.length / (performance.now() - begun)) * 1000, latencies }
}
