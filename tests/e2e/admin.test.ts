// An admin finds people, bans and unbans them, follows a sale from beginning to end, and retries failed
// messages.

import { compareMirrors } from '@aisle/dev/compare-mirrors'
import { listFailedMessages } from '@aisle/kit/bus/failed-messages'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { adminLogin, buy, listTicket, orderIn, ticketIn } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()

describe('an account', () => {
  it('is found and banned: its owner is signed out at once, told why they cannot sign in, and unbanned', async () => {
    const person = await site.member('Ida Ticketing')
    await person.opens('/my-tickets')
    await person.reads('My tickets')

    const admin = await site.visitor()
    await admin.opens('/sign-in')
    await admin.fills({ Email: adminLogin.email, Password: adminLogin.password })
    await admin.presses('Sign in')
    await admin.follows('Admin')
    await admin.isAt('/admin/orders')
    await admin.follows('Accounts')
    await admin.isAt('/admin/users')
    await admin.fills({ 'Start of an email address, or an ID': 'ida.ticket' })
    await admin.presses('Show')
    await admin.sees('heading', person.user.email)
    await admin.page.getByText('Ban this account').first().click()
    await admin.presses('Ban this account')
    await admin.page.getByRole('alert').getByRole('link', { name: 'Reason, for the audit log' }).waitFor()
    await admin.fills({ 'Reason, for the audit log': 'Sold the same seat elsewhere' })
    await admin.presses('Ban this account')
    await admin.readsText('The account is banned.')
    await admin.readsText(/^Banned on /)
    await admin.readsText('Sold the same seat elsewhere')

    await person.follows('Account')
    await person.reads('Sign in')
    expect(await person.find('link', 'My tickets').count()).toBe(0)
    await person.fills({ Email: person.user.email, Password: 'a good password' })
    await person.presses('Sign in')
    await person.page.getByRole('alert').filter({ hasText: 'This account is closed.' }).waitFor()

    await admin.presses('Lift the ban')
    await admin.readsText('The ban is lifted.')
    await person.fills({ Password: 'a good password' })
    await person.presses('Sign in')
    await person.reads('Account')
  })

  it('leads to what its owner sells and buys', async () => {
    const [seller, buyer, admin] = [await site.world.member('Sana'), await site.world.member('Bo'), await site.admin()]
    const { ticket, order } = await buy(site.world, seller, buyer)
    const other = await listTicket(seller, { title: 'Still for sale' })
    await admin.opens(`/admin/users?q=${seller.user.id}`)
    await admin.follows('Their tickets')
    await admin.isAt(`/admin/tickets?sellerId=${seller.user.id}`)
    await admin.sees('link', /Still for sale$/)
    await admin.chooses('Status', 'sold')
    await admin.presses('Show')
    await admin.isAt(`/admin/tickets?status=sold&sellerId=${seller.user.id}`)
    await admin.find('link', /Still for sale$/).waitFor({ state: 'detached' })
    await admin.follows('Its orders')
    await admin.isAt(`/admin/orders?ticketId=${ticket.id}`)
    await admin.follows(ticket.event!.name)
    await admin.isAt(`/admin/orders/${order.id}`)

    await admin.opens(`/admin/users?q=${buyer.user.id}`)
    await admin.follows('Their orders')
    await admin.isAt(`/admin/orders?buyerId=${buyer.user.id}`)
    await admin.chooses('Status', 'cancelled')
    await admin.presses('Show')
    await admin.readsText('Nothing here matches that.')
    expect(await ticketIn(seller, other.id, 'listed')).toBeDefined()
  })
})

it("an order's page shows the whole sale as one timeline, each step with its time", async () => {
  const [ticket, buyer, admin] = [await site.ticket(), await site.member(), await site.admin()]
  await buyer.opens(ticket.page)
  await buyer.presses('Reserve this ticket')
  await buyer.reads('Checkout')
  await site.world.clock.advance(1_000)
  await buyer.presses('Pay €45.00')
  await buyer.find('textbox', /^Email/).waitFor()
  await site.world.clock.advance(1_000)
  await buyer.typesCard()
  await buyer.reads('You bought this ticket.')
  await site.world.settled()

  await admin.opens(`/admin/orders?ticketId=${ticket.id}`)
  await admin.follows('The Winter Concert')
  const story = admin.find('region', 'Full history')
  await story.waitFor()
  const moments = await story
    .getByRole('listitem')
    .filter({ has: admin.page.getByRole('time') })
    .allInnerTexts()
  const told = moments.map((moment) => moment.replaceAll(/\s*\n\s*/g, ' | '))
  for (const moment of told) expect(moment).toMatch(/^\d\d:\d\d:\d\d\.\d{3} \| \S/)
  const times = told.map((moment) => moment.slice(0, 12))
  expect(new Set(times).size).toBe(3)
  expect(times).toEqual(times.toSorted())
  expect(told[0]).toContain('Order | Reserving | until ')
  const places = [
    'Order | Waiting for payment',
    'Call to the provider | open-page done',
    'Order | Complete',
    'Call to the provider | capture done',
    'Webhook from the provider | checkout.session.completed',
  ].map((step) => told.findIndex((moment) => moment.includes(step)))
  expect(places, told.join('\n')).toEqual(places.filter((place) => place > 0).toSorted((a, b) => a - b))
  for (const step of ['Order | Paying', 'Payment | attempt 1 by page', 'Ledger | sale', 'Ledger | capture'])
    expect(
      told.filter((moment) => moment.includes(step)),
      step,
    ).toHaveLength(1)
})

it('a dead letter is shown with its reason, and takes effect when it is retried', async () => {
  const [orders, admin] = [site.world.sql('orders'), await site.admin()]
  await orders`alter table tickets add constraint unwelcome check (title <> 'Unwelcome') not valid`
  const seller = await site.world.member()
  const ticket = await listTicket(seller, { title: 'Unwelcome' })
  await until(
    async () => {
      await orders`update parked_messages set next_try_at = now() where state = 'retrying' and next_try_at > now()`
      return listFailedMessages(orders)
    },
    (messages) => messages[0]?.state === 'parked',
    'the message to be set aside',
  )

  await admin.opens('/admin/messages')
  await admin.sees('heading', 'ticket:created')
  await admin.readsText('Dead letter')
  await admin.readsText(/violates check constraint "unwelcome"/)
  await orders`alter table tickets drop constraint unwelcome`
  await admin.presses('Retry')
  await admin.readsText('Retrying 1 dead letter.')
  await site.world.settled()
  await admin.opens('/admin/messages')
  await admin.readsText('Nothing is waiting.')
  expect(await compareMirrors(site.world.sql)).toEqual([])
  const buyer = await site.member()
  await buyer.opens(`/tickets/${ticket.id}`)
  await buyer.presses('Reserve this ticket')
  await buyer.reads('Checkout')
  const orderId = buyer.path.split('/').at(-1)!
  await orderIn(buyer.client, orderId, 'awaiting:payment')
})

it('the audit log is searched by account and by action, across all services', async () => {
  const [member, admin] = [await site.world.member('Olga'), await site.admin()]
  const { id, email } = member.user
  for (let i = 0; i < 3; i++)
    await site.world.visitor().send('POST', '/api/users/signin', { email, password: 'not this one' })
  await member.send('GET', '/api/admin/orders')
  await member.send('GET', '/api/admin/tickets')
  await until(
    async () => {
      await admin.opens(`/admin/audit?user=${id}`)
      return admin.page.getByRole('main').getByRole('listitem').allInnerTexts()
    },
    (entries) =>
      ['invalid-credentials', 'GET /api/admin/orders', 'GET /api/admin/tickets'].every((text) =>
        entries.some((entry) => entry.includes(text)),
      ),
    'everything to be on record',
  )

  await admin.opens('/admin/users')
  await admin.fills({ 'Start of an email address, or an ID': id })
  await admin.presses('Show')
  await admin.follows('Their activity')
  await admin.isAt(`/admin/audit?user=${id}`)
  await admin.chooses('Action', 'sign-up')
  await admin.presses('Show')
  await admin.isAt(`/admin/audit?action=sign-up&user=${id}`)
  await admin.page.getByText('invalid-credentials').first().waitFor({ state: 'detached' })
  await admin.sees('heading', 'Sign-up')

  for (const service of ['auth', 'tickets'] as const)
    await site.world.sql(service)`
      insert into audit (at, actor, action, outcome, times, detail)
      select now(), ${id}, 'access', 'forbidden', 7, 'number ' || n from generate_series(1, 30) n`
  const shown: string[] = []
  await admin.opens(`/admin/audit?user=${id}&action=access`)
  const numbers = () =>
    admin.page
      .getByRole('main')
      .getByText(/^number/)
      .allInnerTexts()
  for (const more of [true, false]) {
    // The URL changes a moment before the page does.
    const onPage = await until(
      numbers,
      (texts) => texts.length > 0 && texts.join() !== shown.join(),
      'the next page of the record',
    )
    shown.push(...onPage)
    if (more) await admin.follows('Older')
    await admin.isAt(/after=/)
  }
  expect(shown.toSorted()).toEqual([...Array(60).keys()].map((n) => `number ${(n >> 1) + 1}`).toSorted())

  await admin.opens('/admin/audit?user=nonsense')
  await admin.readsText('Nothing here matches that.')
})

describe('pages for admins', () => {
  it.each([
    '/admin',
    '/admin/users',
    '/admin/tickets',
    '/admin/orders',
    '/admin/messages',
    '/admin/books',
    '/admin/audit',
  ])('tell a member that %s is for admins only, and show none of it', async (path) => {
    const member = await site.member()
    member.watch.allow(403)
    const answer = await member.page.goto(path)
    expect(answer?.status()).toBe(403)
    await member.reads('You cannot see this page')
    expect(await member.page.getByRole('navigation', { name: 'Admin' }).count()).toBe(0)
    expect(await member.find('link', 'Admin').count()).toBe(0)
    await member.follows('Browse events')
    await member.reads('Someone cannot go. You can.')
  })

  it('ask a signed-out visitor to sign in', async () => {
    const stranger = await site.visitor()
    await stranger.opens('/admin/orders')
    await stranger.reads('Sign in')
  })
})
