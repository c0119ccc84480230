// Who is signed out, banned and unbanned in a history, and what must hold for them at the end.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Order, Ticket } from '@aisle/contracts/entities'
import type { Part } from '../invariants.ts'
import type { Action } from './plan.ts'
import type { Member, Theatre } from './theatre.ts'

export type People = {
  /** Cookies of ended sessions, as held by an attacker who copied them. */
  readonly ended: string[]
  /** By member: the last request, which waits for earlier ones. */
  readonly asked: Map<number, Promise<unknown>>
  /** By member: whether they are banned according to the last response; null if there was none. */
  readonly isBanned: Map<number, boolean | null>
}

export const noChanges = (): People => ({ ended: [], asked: new Map(), isBanned: new Map() })

type Change = Extract<Action, { do: 'sign-out' | 'ban' | 'unban' }>

/** Carries the change out; resolves to the result. */
export function changeOfPerson(theatre: Theatre, people: People, step: Change): Promise<string> {
  const member = theatre.members[step.member]!
  const before = people.asked.get(step.member) ?? Promise.resolve()
  const done = before.then(() => (step.do === 'sign-out' ? signOut(theatre, people, member) : turn(step)))
  people.asked.set(
    step.member,
    done.catch(() => {}),
  )
  return done

  async function turn({ do: what, member: index }: Change): Promise<string> {
    const path = `/api/users/${member.user.id}/ban`
    const reply =
      what === 'ban'
        ? await theatre.admin.send('POST', path, { reason: 'a history' })
        : await theatre.admin.send('DELETE', path)
    const isDone = reply.status === 204
    people.isBanned.set(index, isDone ? what === 'ban' : null)
    if (isDone && what === 'ban') people.ended.push(member.cookie)
    if (what === 'unban') await theatre.signIn(member)
    return String(reply.status)
  }
}

async function signOut(theatre: Theatre, people: People, member: Member): Promise<string> {
  const { cookie } = member
  const reply = await theatre.holderOf(cookie).send('POST', '/api/users/signout')
  if (reply.status === 200) people.ended.push(cookie)
  await theatre.signIn(member)
  return String(reply.status)
}

/** The request to each service that shows whether it still accepts a cookie. */
const doors = ['/api/tickets/mine', '/api/orders', '/api/payments/balance'] as const

const patienceMs = 20_000

/** Each replica learns of an end separately, some hundred milliseconds later, so poll them in turn until all refuse. */
async function isRefusedForGood(theatre: Theatre, cookie: string, door: string): Promise<boolean> {
  const holder = theatre.holderOf(cookie)
  for (const until = performance.now() + patienceMs; performance.now() < until; await sleep(50)) {
    // More requests than there are replicas, which take turns.
    const replies = []
    for (let nth = 0; nth < 4; nth++) replies.push(await holder.send('GET', door))
    if (replies.every(({ status }) => status === 401)) return true
  }
  return false
}

/** One sentence for each cookie that still works, and for each thing that a ban should have ended. */
export async function wrongInPeople(theatre: Theatre, { ended, isBanned }: People, part: Part): Promise<string[]> {
  const wrong: string[] = []
  for (const cookie of ended)
    for (const door of doors)
      if (!(await isRefusedForGood(theatre, cookie, door)))
        wrong.push(`the cookie of a session that has ended is still let in at ${door}`)
  for (const [index, banned] of isBanned) {
    if (banned === null) continue
    const { user } = theatre.members[index]!
    const rows = await Promise.all(
      (['auth', 'tickets', 'orders'] as const).map(async (service) => {
        const column = service === 'auth' ? theatre.sql(service)`banned_at is not null` : theatre.sql(service)`banned`
        const [row] = await theatre.sql(service)<{ banned: boolean }[]>`
          select ${column} as banned from users where id = ${user.id}`
        return [service, row?.banned ?? false] as const
      }),
    )
    for (const [service, is] of rows)
      if (is !== banned) wrong.push(`member ${index} is ${banned ? '' : 'not '}banned, and ${service} says otherwise`)
    if (!banned) continue
    const status = await theatre.signIn(theatre.members[index]!)
    if (status !== 403) wrong.push(`the banned member ${index} signs in, and the answer is ${status}`)
    wrong.push(...(await leftOf(theatre, user.id, part)).map((what) => `the banned member ${index} ${what}`))
  }
  return wrong
}

/** What a user still sells or has not paid, on either side: read directly from the databases. */
async function leftOf(theatre: Theatre, userId: string, { tickets }: Part): Promise<string[]> {
  const [listed, unpaid] = await Promise.all([
    theatre.sql('tickets')<Pick<Ticket, 'id' | 'status'>[]>`
      select id, status from tickets where seller_id = ${userId} and id = any(${tickets}::uuid[])
        and status in ('listed', 'reserved')`,
    theatre.sql('orders')<Pick<Order, 'id' | 'status'>[]>`
      select id, status from orders where (buyer_id = ${userId} or seller_id = ${userId})
        and ticket_id = any(${tickets}::uuid[]) and status in ('created', 'awaiting:payment')`,
  ])
  return [
    ...listed.map(({ id, status }) => `still has the ticket ${id} ${status}`),
    ...unpaid.map(({ id, status }) => `still has the order ${id}, which is ${status}`),
  ]
}

/** Unbans everyone, for the next history. */
export async function letAllIn(theatre: Theatre, people: People): Promise<void> {
  for (const index of people.asked.keys()) {
    const member = theatre.members[index]!
    await theatre.admin.expect(204, 'DELETE', `/api/users/${member.user.id}/ban`)
    await theatre.signIn(member)
  }
}
