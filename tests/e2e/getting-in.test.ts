// Access to pages: signed out, another user's, missing, another site's form; and the language of pages.

import type { User } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it } from 'vitest'
import { reserve } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()
const password = 'a good password'

describe('a signed-out visitor', () => {
  it.each([
    ['/sell', 'Sell a ticket'],
    ['/my-tickets', 'My tickets'],
    ['/my-tickets/selling', 'My tickets'],
    ['/account', 'Account'],
  ])('opens %s, signs in, and is where they were going [U4]', async (path, title) => {
    const { user } = await site.world.member()
    const person = await site.visitor()
    await person.opens(path)
    await person.reads('Sign in')
    await person.readsText('bring you right back.')
    await person.fills({ Email: user.email, Password: 'not this one' })
    await person.presses('Sign in')
    await person.page.getByRole('alert').filter({ hasText: 'The email or password is wrong.' }).waitFor()
    expect(await person.field('Email').inputValue()).toBe(user.email)
    await person.fills({ Password: password })
    await person.presses('Sign in')
    await person.isAt(path)
    await person.reads(title)
  })

  it('finds the way to an account from anywhere, and is still signed in after a direct load [U7, U8]', async () => {
    const person = await site.visitor()
    await person.opens('/tickets')
    await person.follows('Sign in')
    await person.follows('Create account')
    // Both pages ask for an email and a password.
    await person.reads('Create account')
    await person.fills({ Email: 'new@aisle.test', Password: password })
    await person.presses('Create account')
    await person.isAt('/tickets')
    await person.opens('/')
    await person.sees('link', 'My tickets')
    await person.opens('/account')
    await person.presses('Sign out')
    await person.isAt('/')
    await person.sees('link', 'Sign in')
    expect(await person.find('link', 'My tickets').count()).toBe(0)
  })

  it('whose email already has an account sees what everyone sees', async () => {
    const { user } = await site.world.member()
    const person = await site.visitor()
    await person.opens('/sign-up')
    await person.fills({ Email: user.email, Password: password })
    await person.presses('Create account')
    await person.isAt('/')
    await person.sees('link', 'My tickets')
  })

  it('is never redirected to another site by a crafted URL', async () => {
    const { user } = await site.world.member()
    const person = await site.visitor()
    await person.opens('/sign-in?to=//elsewhere.test/steal')
    await person.fills({ Email: user.email, Password: password })
    await person.presses('Sign in')
    await person.isAt('/')
  })
})

it('account details can be changed, and removed', async () => {
  const member = await site.member('Ada')
  await member.opens('/account')
  await member.fills({ Name: 'Ada L.', Phone: '+43 1 234 567' })
  await member.presses('Save')
  await member.readsText('Saved.')
  await member.reloads()
  expect(await member.field('Phone').inputValue()).toBe('+43 1 234 567')
  await member.fills({ Name: '', Phone: '' })
  await member.presses('Save')
  await member.readsText('Saved.')
  const read = () =>
    member.client
      .expect<{ currentUser: User }>(200, 'GET', '/api/users/currentuser')
      .then(({ currentUser }) => currentUser)
  const { name, phone } = await until(read, (user) => user.phone === undefined, 'the phone to be taken back')
  expect([name, phone]).toEqual([undefined, undefined])
  await member.reloads()
  expect(await member.field('Name').inputValue()).toBe('')
})

describe('the devices on which a user is signed in', () => {
  it('are listed, and each can be ended from another, and is then signed out', async () => {
    const { user } = await site.world.member()
    const [laptop, phone] = [await site.visitor(), await site.visitor()]
    for (const device of [phone, laptop]) {
      await device.opens('/sign-in?to=/account')
      await device.fills({ Email: user.email, Password: password })
      await device.presses('Sign in')
      await device.reads('Account')
    }
    // The device of the sign-up, the phone and the laptop, which comes first.
    const devices = laptop.page.locator('#devices').getByRole('listitem')
    await until(
      () => devices.count(),
      (count) => count === 3,
      'three devices',
    )
    expect(await devices.first().innerText()).toContain('This device')
    expect(await devices.nth(1).innerText()).toMatch(/^Chrome, Linux/)
    expect(await devices.first().getByRole('button').count()).toBe(0)
    await devices.nth(1).getByRole('button', { name: 'Sign out this device' }).click()
    await laptop.readsText('You are signed out on that device.')
    await until(
      () => devices.count(),
      (count) => count === 2,
      'two devices',
    )
    // Until orders has heard that the session has ended, it still answers the phone.
    await site.world.settled()
    await phone.follows('My tickets')
    await phone.reads('Sign in')
    await laptop.reloads()
    await laptop.reads('Account')
  })

  it('are ended without JavaScript, too', async () => {
    const member = await site.world.member()
    const other = Object.assign(site.world.visitor())
    await other.expect(200, 'POST', '/api/users/signin', { email: member.user.email, password })
    const person = await site.signIn(member, { javaScriptEnabled: false })
    await person.opens('/account')
    await person.presses('Sign out this device')
    await person.readsText('You are signed out on that device.')
    await site.world.settled()
    expect((await other.send('GET', '/api/orders')).status).toBe(401)
    expect(await person.find('button', 'Sign out this device').count()).toBe(0)
  })
})

describe('a visitor who is refused at sign-in or sign-up', () => {
  it('reads how long to wait after too many wrong passwords, in their language', async () => {
    const { user } = await site.world.member()
    for (let i = 0; i < 9; i++) {
      await site.world.visitor().send('POST', '/api/users/signin', { email: user.email, password: 'not this one' })
      await site.world.clock.advance(20_000)
    }
    await site.world.visitor().send('POST', '/api/users/signin', { email: user.email, password: 'not this one' })
    for (const [locale, labels, sentence] of [
      ['en', ['Email', 'Password', 'Sign in'], 'Too many attempts. Try again in 32 seconds.'],
      ['de', ['E-Mail', 'Passwort', 'Anmelden'], 'Zu viele Versuche. Versuche es in 32 Sekunden wieder.'],
    ] as const) {
      const person = await site.visitor({ locale })
      person.watch.allow(429)
      await person.opens('/sign-in')
      await person.fills({ [labels[0]]: user.email, [labels[1]]: password })
      await person.presses(labels[2])
      await person.page.getByRole('alert').filter({ hasText: sentence }).waitFor()
    }
  })

  it('reads at the field that a password is easy to guess, and creates the account with another', async () => {
    const person = await site.visitor()
    await person.opens('/sign-up')
    await person.fills({ Name: 'Gwendolyn', Email: 'gwen@aisle.test', Password: 'gwendolyn1' })
    await person.presses('Create account')
    await person.readsText('This password is easy to guess')
    expect(await person.field('Email').inputValue()).toBe('gwen@aisle.test')
    await person.fills({ Password: password })
    await person.presses('Create account')
    await person.isAt('/')
  })
})

describe('another user’s', () => {
  it('order is not shown', async () => {
    const ticket = await site.ticket()
    const order = await reserve(await site.world.member(), ticket.id)
    const stranger = await site.member()
    stranger.watch.allow(404)
    stranger.watch.allow(403)
    await stranger.opens(`/orders/${order.id}`)
    await stranger.reads(/^(There is nothing here|You cannot see this page)$/)
    expect(await stranger.page.content()).not.toContain(ticket.title)
  })

  it('ticket cannot be edited', async () => {
    const ticket = await site.ticket()
    const stranger = await site.member()
    stranger.watch.allow(403)
    await stranger.opens(`/tickets/${ticket.id}/edit`)
    await stranger.reads('You cannot see this page')
  })
})

it.each(['/nothing', '/tickets/nothing', '/events/0199a2c4-7f3e-7c1a-9d7e-3b5a1c2d4e6f', '/orders/x/y'])(
  'at %s there is nothing; the page says so and offers a way on [U2]',
  async (path) => {
    const person = await site.visitor()
    person.watch.allow(404)
    const answer = await person.page.goto(path)
    expect(answer?.status()).toBe(404)
    await person.reads('There is nothing here')
    await person.follows('Browse events')
    await person.reads('Someone cannot go. You can.')
  },
)

it('a form on another site cannot act in the name of a signed-in user', async () => {
  const ticket = await site.ticket()
  const victim = await site.member()
  victim.watch.allow(403)
  // Another port is another origin, yet the same site for a browser: the session cookie is sent.
  const elsewhere = new URL(site.world.stack.sandboxUrl).origin.replace('127.0.0.1', 'localhost')
  await victim.page.route(`${elsewhere}/prize`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${site.url}${ticket.page}"><input type="hidden" name="intent" value="reserve"><button>Win</button></form>`,
    }),
  )
  victim.watch.allowOrigin(elsewhere)
  await victim.page.goto(`${elsewhere}/prize`)
  const answer = victim.page.waitForResponse((response) => response.url().endsWith(ticket.page))
  await victim.presses('Win')
  expect((await answer).status()).toBe(403)
  expect(await victim.client.expect<unknown[]>(200, 'GET', '/api/orders')).toEqual([])
})

describe('the language', () => {
  it('is the browser’s preference, and a chosen language stays', async () => {
    const person = await site.visitor({ locale: 'de-AT' })
    await person.opens('/')
    expect(await person.page.getAttribute('html', 'lang')).toBe('de')
    await person.presses('English')
    await person.reads('Someone cannot go. You can.')
    await person.opens('/tickets')
    await person.reads('All tickets')
    await person.presses('Deutsch')
    await person.isAt('/tickets')
    expect(await person.page.getAttribute('html', 'lang')).toBe('de')
    expect(await person.find('heading', 'All tickets').count()).toBe(0)
  })
})
