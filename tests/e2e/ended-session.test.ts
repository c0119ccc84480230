// Forms submitted after the session has ended: the input is still there after signing in, with and without
// JavaScript.

import type { Order, Ticket } from '@aisle/contracts/entities'
import { describe, expect, it } from 'vitest'
import { buy, listTicket, reserve, ticketIn } from '../world.ts'
import type { Person } from './person.ts'
import { useSite } from './site.ts'

const site = useSite()
const password = 'a good password'

const typed = {
  'What are you selling': 'Stalls, two seats from the aisle',
  Price: '52.50',
  Event: 'The Summer Concert',
  Venue: 'Great Hall',
  City: 'Łódź',
  'Date and time': '2099-07-01T20:00',
  'Section or block': 'Stalls',
  Row: '8',
  Seat: '11',
}

const signsIn = async (person: Person, email: string) => {
  await person.reads('Sign in')
  await person.fills({ Email: email, Password: password })
  await person.presses('Sign in')
}
const endSession = (person: Person) => person.context.clearCookies()

describe.each([true, false])('with JavaScript %s, after the session has ended', (javaScriptEnabled) => {
  it('what was typed to sell a ticket is listed after signing in', async () => {
    const seller = await site.member(undefined, { javaScriptEnabled })
    const all = { ...typed, Seat: javaScriptEnabled ? '11' : '12' }
    const description = 'Anything goes — «été», 漢字, עברית.\n'.repeat(90)
    await seller.opens('/sell')
    await seller.fills({ ...all, 'Anything a buyer should know': description })
    await seller.chooses('Currency', 'chf')
    await seller.chooses('Time zone of the venue', 'Europe/Warsaw')
    await seller.chooses('Category', 'festival')
    await endSession(seller)
    await seller.presses('List this ticket')
    await signsIn(seller, seller.user.email)
    await seller.isAt('/sell')
    await seller.readsText('What you typed is still here')
    for (const [label, value] of Object.entries(all)) expect(await seller.field(label).inputValue(), label).toBe(value)
    expect(await seller.field('Anything a buyer should know').inputValue()).toBe(description)
    await seller.presses('List this ticket')
    await seller.readsText('This is your ticket.')
    const [listed] = await seller.client.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')
    expect(listed).toMatchObject({ price: 5250, currency: 'chf', description })
    expect(listed!.event).toMatchObject({ timeZone: 'Europe/Warsaw', kind: 'festival', city: 'Łódź' })
    // It is restored only once.
    await seller.opens('/sell')
    expect(await seller.field('Event').inputValue()).toBe('')
  })

  it('an edit is restored, and still applies to the version that was read', async () => {
    const seller = await site.member(undefined, { javaScriptEnabled })
    const ticket = await listTicket(seller.client, { currency: 'eur' })
    await seller.opens(`/tickets/${ticket.id}/edit`)
    await seller.fills({ Price: '61' })
    await endSession(seller)
    await seller.client.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { title: 'Something else' })
    await seller.presses('Save')
    await signsIn(seller, seller.user.email)
    expect(await seller.field('Price').inputValue()).toBe('61')
    await seller.presses('Save')
    await seller.page.getByRole('alert').filter({ hasText: 'This has changed since you opened the page.' }).waitFor()
    await seller.presses('Save')
    await seller.readsText('This is your ticket.')
    expect((await ticketIn(seller.client, ticket.id, 'listed')).price).toBe(6100)
  })

  it('account details are restored, but passwords are not', async () => {
    const member = await site.member(undefined, { javaScriptEnabled })
    await member.opens('/account')
    await member.fills({ Name: 'Ada Byron', Phone: '+43 1 234 567' })
    await endSession(member)
    await member.find('button', 'Save').click()
    await signsIn(member, member.user.email)
    await member.isAt('/account')
    expect(await member.field('Name').inputValue()).toBe('Ada Byron')
    expect(await member.field('Phone').inputValue()).toBe('+43 1 234 567')

    await member.fills({ 'Current password': password, 'New password': 'another good one' })
    await endSession(member)
    await member.presses('Change password')
    await member.reads('Sign in')
    const kept = JSON.stringify(await member.context.cookies()) + (await member.page.content()) + member.page.url()
    for (const secret of [password, 'another good one']) {
      expect(kept).not.toContain(secret)
      expect(kept).not.toContain(Buffer.from(secret).toString('base64url'))
    }
    await signsIn(member, member.user.email)
    expect(await member.field('Current password').inputValue()).toBe('')
  })

  it('a stranger who pressed "reserve" has the ticket once they have signed in', async () => {
    const { user } = await site.world.member()
    const ticket = await site.ticket()
    const buyer = await site.visitor({ javaScriptEnabled })
    await buyer.opens(ticket.page)
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Sign in')
    await buyer.fills({ Email: user.email, Password: 'not this one' })
    await buyer.presses('Sign in')
    await buyer.readsText('The email or password is wrong.')
    await buyer.fills({ Password: password })
    await buyer.find('button', 'Sign in').dblclick()
    await buyer.reads('Checkout')
    await ticketIn(ticket.seller, ticket.id, 'reserved')
    // Only once: viewing the ticket again does not reserve it again.
    await buyer.presses('Cancel and release the ticket')
    await ticketIn(ticket.seller, ticket.id, 'listed')
    await buyer.opens(ticket.page)
    await buyer.sees('button', 'Reserve this ticket')
  })

  it('or have created an account', async () => {
    const ticket = await site.ticket()
    const buyer = await site.visitor({ javaScriptEnabled })
    await buyer.opens(ticket.page)
    await buyer.presses('Reserve this ticket')
    await buyer.follows('Create account')
    await buyer.reads('Create account')
    await buyer.fills({ Email: `${crypto.randomUUID()}@aisle.test`, Password: password })
    await buyer.presses('Create account')
    await buyer.reads('Checkout')
  })

  it('and reads that it is gone, if it is', async () => {
    const { user } = await site.world.member()
    const ticket = await site.ticket()
    const buyer = await site.visitor({ javaScriptEnabled })
    await buyer.opens(ticket.page)
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Sign in')
    await reserve(await site.world.member(), ticket.id)
    await signsIn(buyer, user.email)
    await buyer.page.getByRole('alert').filter({ hasText: 'Someone was faster.' }).waitFor()
    await buyer.readsText('Someone is paying for it right now.')
  })
})

it('a refund is to be confirmed again, of the same amount', async () => {
  const seller = await site.member()
  await buy(site.world, seller.client, await site.world.member())
  await seller.opens('/my-tickets/selling')
  await seller.follows(/^Refund the buyer/)
  await seller.page.getByLabel(/^Amount to refund/).fill('10')
  await seller.presses('Continue')
  await endSession(seller)
  await seller.presses('Refund US$10.00')
  await signsIn(seller, seller.user.email)
  await seller.presses('Refund US$10.00')
  await seller.readsText('US$10.00 is on its way back to the buyer.')
  await site.world.settled()
})

it('the longest description that one can type is kept', async () => {
  const seller = await site.member(undefined, { javaScriptEnabled: false })
  const rare = Array.from({ length: 2_000 }, () => String.fromCodePoint(0x20000 + Math.floor(Math.random() * 40_000)))
  await seller.opens('/sell')
  await seller.fills({ ...typed, 'Anything a buyer should know': rare.join('') })
  await endSession(seller)
  await seller.presses('List this ticket')
  await signsIn(seller, seller.user.email)
  expect(await seller.field('Anything a buyer should know').inputValue()).toBe(rare.join(''))
})

it('a text that is far too long is not kept, and the rest of the form is', async () => {
  const description = Buffer.from(crypto.getRandomValues(new Uint8Array(15_000))).toString('hex')
  const form = new URLSearchParams({ title: 'Two seats in the stalls', description })
  const posted = await fetch(`${site.url}/sell`, { method: 'POST', redirect: 'manual', body: form })
  expect(posted.headers.get('location')).toBe('/sign-in?to=%2Fsell')
  const drafts = posted.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0])
  const { cookie } = await site.world.member()
  const page = await fetch(`${site.url}/sell`, { headers: { cookie: [cookie, ...drafts].join('; ') } })
  expect(await page.text()).toContain('value="Two seats in the stalls"')
})

it('a draft is of its page alone: nothing is reserved that was not asked for', async () => {
  const [asked, other] = [await site.ticket(), await site.ticket()]
  const { user } = await site.world.member()
  const buyer = await site.visitor()
  await buyer.opens(asked.page)
  await buyer.presses('Reserve this ticket')
  await buyer.reads('Sign in')
  await buyer.opens(`/sign-in?to=${other.page}`)
  await signsIn(buyer, user.email)
  await buyer.isAt(other.page)
  await buyer.sees('button', 'Reserve this ticket')
})

it('a cookie that is no draft is none', async () => {
  const seller = await site.member()
  for (const value of ['nonsense', 'AAAA', Buffer.from('{"path":"/sell"}').toString('base64url'), ''])
    for (const name of ['draft-0', 'said']) {
      await seller.context.addCookies([{ name, value, url: site.url }])
      await seller.opens('/sell')
      await seller.reads('Sell a ticket')
      await seller.opens('/my-tickets/selling')
      await seller.reads('My tickets')
    }
})

describe("a buyer's second tab", () => {
  it('leads to their order when they reserve the ticket there, too', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member(undefined, { javaScriptEnabled: false })
    await buyer.opens(ticket.page)
    const { id } = await buyer.client.expect<Order>(201, 'POST', '/api/orders', { ticketId: ticket.id })
    await buyer.presses('Reserve this ticket')
    await buyer.isAt(`/orders/${id}`)
    await buyer.reads('Checkout')
  })

  it('says that it is theirs as soon as they have reserved it in the first', async () => {
    const ticket = await site.ticket()
    const buyer = await site.member()
    await buyer.opens(ticket.page)
    const second = await buyer.context.newPage()
    await second.goto(ticket.page)
    await second.getByRole('button', { name: 'Reserve this ticket' }).waitFor()
    await buyer.presses('Reserve this ticket')
    await buyer.reads('Checkout')
    await second.getByText('This ticket is yours while you pay.').waitFor()
    await second.getByRole('link', { name: 'Continue to checkout' }).click()
    await second.getByRole('heading', { name: 'Checkout' }).waitFor()
  })
})

it('no link makes a page say that money was given back', async () => {
  const seller = await site.member()
  await seller.opens(`/my-tickets/selling?refunded=4000000&of=${crypto.randomUUID()}`)
  await seller.reads('My tickets')
  expect(await seller.page.content()).not.toContain('40,000')
})

it('no link makes a page say that something was done', async () => {
  const [member, admin] = [await site.member(), await site.admin()]
  for (const saved of ['who', 'password', 'device']) {
    await member.opens(`/account?saved=${saved}`)
    await member.reads('Account')
    expect(await member.page.getByRole('main').getByRole('status').filter({ hasText: /./ }).count()).toBe(0)
  }
  for (const [path, title] of [
    [`/admin/users?q=${member.user.id}&done=banned`, 'Accounts'],
    ['/admin/messages?replayed=7', 'Messages'],
  ] as const) {
    await admin.opens(path)
    await admin.reads(title)
    expect(await admin.page.getByRole('main').getByRole('status').count()).toBe(0)
  }
})

it('a page says once what was done', async () => {
  const member = await site.member()
  await member.opens('/account')
  await member.presses('Save')
  await member.readsText('Saved.')
  await member.reloads()
  await member.reads('Account')
  expect(await member.page.getByRole('main').getByText('Saved.').count()).toBe(0)
})
