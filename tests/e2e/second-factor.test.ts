// Signing in with a second step, as people do it: with an app on a phone, or with a code from a drawer.

import { describe, expect, it } from 'vitest'
import { type App, appWith, connectApp } from '../authenticator-app.ts'
import type { Person } from './person.ts'
import { useSite } from './site.ts'

const site = useSite({ config: { ADMIN_SECOND_FACTOR: 'required' } })
const password = 'a good password'

/** Scans what the page shows: here, the key to type. */
async function scans(person: Person): Promise<App> {
  await person.sees('img', 'QR code for the authenticator app')
  const key = await person.page.locator('code').innerText()
  return appWith(site.world, key.replaceAll(/\s/g, ''))
}

async function connects(person: Person): Promise<App & { codes: readonly string[] }> {
  await person.opens('/account')
  await person.readsText('Your password alone signs in.')
  await person.follows('Manage two-step sign-in')
  await person.presses('Connect an app')
  const app = await scans(person)
  await person.fills({ Code: '12' })
  await person.presses('Connect')
  await person.sees('alert', /.*/)
  await person.readsText('This code is wrong, used, or too old.')
  // The same key is still shown.
  expect((await scans(person)).secret).toBe(app.secret)
  await person.fills({ Code: app.code() })
  await person.presses('Connect')
  await person.sees('heading', 'Your recovery codes')
  const codes = await person.page.getByRole('main').getByRole('listitem').allInnerTexts()
  expect(codes).toHaveLength(10)
  await person.follows('I have kept them')
  await person.readsText('10 codes left.')
  return { ...app, codes }
}

const givesPassword = async (person: Person, email: string, to = '/account') => {
  await person.opens(to)
  await person.fills({ Email: email, Password: password })
  await person.presses('Sign in')
  await person.reads('One more step')
}

describe.each([
  ['with JavaScript', {}],
  ['without JavaScript', { javaScriptEnabled: false }],
])('%s, a user', (_, options) => {
  it('connects an app, and signs in with it, or with a recovery code', async () => {
    const owner = await site.member('Ada', options)
    const app = await connects(owner)
    const person = await site.visitor(options)
    await givesPassword(person, owner.user.email)
    expect(person.page.url()).not.toContain('challenge')
    expect(await person.field('Code').getAttribute('autocomplete')).toBe('one-time-code')
    expect(await person.find('link', 'My tickets').count()).toBe(0)
    await person.fills({ Code: app.code() })
    await person.presses('Sign in')
    await person.sees('alert', /.*/)
    await person.fills({ Code: await app.next() })
    await person.presses('Sign in')
    await person.isAt('/account')
    await person.readsText('your password alone signs nobody in.')

    const other = await site.visitor(options)
    await givesPassword(other, owner.user.email, '/sell')
    await other.follows('Use a recovery code')
    await other.fills({ 'Recovery code': app.codes[0]!.toLowerCase().replaceAll('-', ' ') })
    await other.presses('Sign in')
    await other.isAt('/sell')
    await other.opens('/account/security')
    await other.readsText('9 codes left.')
  })

  it('proves with a code that it is they, gets other recovery codes, and removes the app', async () => {
    const owner = await site.member('Ada', options)
    const app = await connects(owner)
    await site.world.clock.advance(10 * 60_000)
    await owner.presses('Make new codes')
    await owner.reads('Confirm that it is you')
    await owner.fills({ Code: app.code() })
    await owner.presses('Continue')
    await owner.isAt('/account/security')
    await owner.readsText('Choose again what you want to do.')
    await owner.presses('Make new codes')
    await owner.sees('heading', 'Your recovery codes')
    await owner.follows('I have kept them')
    await owner.presses('Remove the app')
    await owner.readsText('The app is removed.')
    await owner.presses('Connect an app')
    await scans(owner)
  })

  it('who takes too long starts again, and gets where they were going', async () => {
    const owner = await site.member('Ada', options)
    const app = await connectApp(site.world, owner.client)
    const person = await site.visitor(options)
    await givesPassword(person, owner.user.email, '/sell')
    await site.world.clock.advance(10 * 60_000)
    await person.fills({ Code: app.code() })
    await person.presses('Sign in')
    await person.readsText('This sign-in took too long')
    await person.follows('Sign in again')
    await person.fills({ Email: owner.user.email, Password: password })
    await person.presses('Sign in')
    await person.fills({ Code: await app.next() })
    await person.presses('Sign in')
    await person.isAt('/sell')
  })
})

it('after a proof with the password the app is offered by itself', async () => {
  const owner = await site.member('Ada')
  await site.world.clock.advance(10 * 60_000)
  await owner.opens('/account/security')
  await owner.presses('Connect an app')
  await owner.reads('Confirm that it is you')
  await owner.fills({ 'Your password': password })
  await owner.presses('Continue')
  await scans(owner)
})

it('an admin without a second factor is told what is missing, adds one, and goes on in the same session', async () => {
  const admin = await site.admin()
  admin.watch.allow(403)
  for (const path of ['/admin', '/admin/users', '/admin/books']) {
    await admin.opens(path)
    await admin.reads('Admins sign in with a second step')
  }
  await admin.follows('Set it up')
  await admin.presses('Connect an app')
  const app = await scans(admin)
  await admin.fills({ Code: app.code() })
  await admin.presses('Connect')
  await admin.follows('I have kept them')
  await admin.presses('Remove the app')
  await admin.readsText('As an admin you need a second factor.')
  await admin.opens('/admin/users')
  await admin.sees('searchbox', /.*/)
})
