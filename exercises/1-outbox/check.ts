import { type TicketState, TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { beforeEach, describe, expect, it } from 'vitest'
import { checked, exerciseDatabase, golden } from '../database.ts'

const { withdraw } = (await import(checked)) as typeof import('./start.ts')

const database = exerciseDatabase(`
  create table tickets (id uuid primary key, status text not null, version integer not null);
  create function refuse() returns trigger language plpgsql as $$ begin raise 'not today'; end $$;
  create constraint trigger refuse_zero after update on tickets deferrable initially deferred
    for each row when (new.version = 0) execute function refuse();`)

const ticket = golden(TicketWithdrawn).data
let published: TicketState[]
const publish = async (state: TicketState) => void published.push(state)

beforeEach(async () => {
  published = []
  await database().sql`insert into tickets (id, status, version) values (${ticket.id}, 'listed', 1)`
})

const status = async () => (await database().sql<{ status: string }[]>`select status from tickets`)[0]?.status
/** What the others hear: what was sent to them, and what waits in the outbox. */
async function heard(): Promise<string[]> {
  const rows = await database().sql<{ id: string }[]>`select message #>> '{data,id}' as id from outbox`
  return [...published, ...rows].map(({ id }) => id)
}

describe('a ticket that is withdrawn', () => {
  it('is announced once', async () => {
    await withdraw(database(), ticket, publish)
    expect([await status(), await heard()]).toEqual(['withdrawn', [ticket.id]])
  })

  it('is announced although the process ends right after the commit', async () => {
    const ends = () => Promise.reject(new Error('the process ends here'))
    await withdraw(database(), ticket, ends).catch(() => {})
    expect([await status(), await heard()]).toEqual(['withdrawn', [ticket.id]])
  })

  it('is not announced if the commit fails', async () => {
    await expect(withdraw(database(), { ...ticket, version: 0 }, publish)).rejects.toThrow()
    expect([await status(), await heard()]).toEqual(['listed', []])
  })
})
