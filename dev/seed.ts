// Demo data, created once over the API as by any client, so it passes every check that a person's request does.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, keepCookies } from '@aisle/client'
import { listTicket } from '@aisle/contracts/api/tickets'
import { signIn, signUp } from '@aisle/contracts/api/users'
import { demoListings } from './demo-listings.ts'

export const demoLogins = [
  { email: 'mara@aisle.test', password: 'demo-password', name: 'Mara' },
  { email: 'jonas@aisle.test', password: 'demo-password', name: 'Jonas' },
]
export const adminLogin = { email: 'admin@aisle.test', password: 'demo-admin-password' }

const marker = 'seeded'
const day = 86_400_000

/**
 * Creates the demo users and tickets on the marketplace at `url`, unless `dataDir` records that it was done. An
 * interrupted run continues where it stopped. `confirm` confirms the address of a demo user, who reads no mail.
 */
export async function seed(
  url: string,
  dataDir: string,
  confirm: (email: string) => Promise<unknown> = async () => {},
): Promise<void> {
  const file = join(dataDir, marker)
  // The first attempt's date is kept, so that a second attempt sends the same requests under the same idempotency
  // keys.
  const begun = await readFile(file, 'utf8').catch(async () => {
    const line = `begun ${new Date().toISOString().slice(0, 10)}\n`
    await writeFile(file, line)
    return line
  })
  if (begun.startsWith('done')) return
  const today = new Date(`${begun.slice(6, 16)}T00:00:00Z`).getTime()

  const sellers = await Promise.all(demoLogins.map((login) => signInOrUp(url, login)))
  for (const { email } of demoLogins) await confirm(email)
  for (const [index, { inDays, hour, event, tickets }] of demoListings.entries()) {
    const startsAt = new Date(today + inDays * day + hour * 3_600_000).toISOString()
    for (const [number, ticket] of tickets.entries()) {
      const listed = await sellers[(index + number) % sellers.length]!.call(listTicket, {
        body: { ...ticket, event: { ...event, startsAt } },
        idempotencyKey: `seed-${index}-${number}`,
      })
      if (!listed.ok)
        throw new Error(`Demo data could not be made: a ticket was refused with ${JSON.stringify(listed.problem)}`)
    }
  }
  await writeFile(file, `done ${begun.slice(6)}`)
}

async function signInOrUp(url: string, login: (typeof demoLogins)[number]): Promise<Client> {
  const client = new Client(url, keepCookies())
  const { email, password } = login
  // A repeated sign-up would make another account.
  const signedIn = await client.call(signIn, { body: { email, password } })
  const answer = signedIn.ok ? signedIn : await client.call(signUp, { body: login })
  if (!answer.ok)
    throw new Error(
      `The demo user ${email} could not be made (${answer.status}); start with SEED=0 to do without, or empty the data directory.`,
    )
  return client
}
