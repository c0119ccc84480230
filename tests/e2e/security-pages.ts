// The pages for signing in with a second factor, and for setting it up.

import { type App, connectApp } from '../authenticator-app.ts'
import { addPasskey, withAuthenticator, withoutOffers } from './passkey-browser.ts'
import type { Person } from './person.ts'
import type { Screen, Stage } from './stage.ts'
import { at } from './stage-directions.ts'

const password = 'a good password'

/** Somebody who has connected an app. */
async function secured({ site }: Stage) {
  const person = await site.member('Ada')
  return { person, app: await connectApp(site.world, person.client), email: person.user.email }
}

/** Somebody who has a passkey. */
async function passkeyHolder({ site }: Stage) {
  const person = await site.member('Ada')
  await withoutOffers(person)
  await withAuthenticator(person)
  await addPasskey(person)
  return person
}

/** Somebody who has given the password of an account with an app. */
async function halfway(stage: Stage): Promise<{ visitor: Person; app: App }> {
  const { app, email } = await secured(stage)
  const visitor = await stage.site.visitor()
  await visitor.opens('/sign-in')
  await visitor.fills({ Email: email, Password: password })
  await visitor.presses('Sign in')
  await visitor.reads('One more step')
  return { visitor, app }
}

export const securing: readonly Screen[] = [
  { name: 'security', show: at('buyer', '/account/security') },
  {
    name: 'security-offer',
    async show({ site }) {
      const person = await site.member()
      await person.opens('/account/security')
      await person.presses('Connect an app')
      await person.sees('button', 'Connect')
      return person
    },
  },
  {
    name: 'security-offer-refused',
    async show({ site }) {
      const person = await site.member()
      await person.opens('/account/security')
      await person.presses('Connect an app')
      await person.fills({ Code: '1' })
      await person.presses('Connect')
      await person.sees('alert', /.*/)
      return person
    },
  },
  {
    name: 'security-on',
    async show(stage) {
      const { person } = await secured(stage)
      await person.opens('/account/security')
      return person
    },
  },
  {
    name: 'security-passkey',
    show: passkeyHolder,
  },
  {
    name: 'sign-in-second-passkey',
    async show(stage) {
      const person = await passkeyHolder(stage)
      await person.context.clearCookies()
      await person.opens('/sign-in')
      await person.fills({ Email: person.user.email, Password: password })
      await person.presses('Sign in')
      await person.sees('button', 'Use a passkey')
      return person
    },
  },
  {
    name: 'prove-with-passkey',
    async show(stage) {
      const person = await passkeyHolder(stage)
      await person.opens('/prove?to=/account')
      await person.sees('button', 'Use a passkey')
      return person
    },
  },
  {
    name: 'security-codes',
    async show(stage) {
      const { person } = await secured(stage)
      await person.opens('/account/security')
      await person.presses('Make new codes')
      await person.sees('heading', 'Your recovery codes')
      return person
    },
  },
  {
    name: 'account-in-two-steps',
    async show(stage) {
      const { person } = await secured(stage)
      await person.opens('/account')
      return person
    },
  },
  { name: 'sign-in-second', show: async (stage) => (await halfway(stage)).visitor },
  {
    name: 'sign-in-second-refused',
    async show(stage) {
      const { visitor } = await halfway(stage)
      await visitor.fills({ Code: '1' })
      await visitor.presses('Sign in')
      await visitor.sees('alert', /.*/)
      return visitor
    },
  },
  {
    name: 'sign-in-recovery-code',
    async show(stage) {
      const { visitor } = await halfway(stage)
      await visitor.follows('Use a recovery code')
      await visitor.readsText('Enter one of the codes')
      return visitor
    },
  },
  {
    name: 'prove-with-code',
    async show(stage) {
      const { person } = await secured(stage)
      await person.opens('/prove?to=/account')
      await person.sees('link', 'Use a recovery code')
      return person
    },
  },
  {
    name: 'sign-in-second-over',
    async show(stage) {
      const { visitor, app } = await halfway(stage)
      const cookies = await visitor.context.cookies()
      const [challenge] = cookies.find(({ name }) => name === 'second-step')!.value.split('.')
      const finished = { challenge, code: await app.next() }
      await stage.site.world.visitor().expect(200, 'POST', '/api/users/signin/second', finished)
      await visitor.fills({ Code: app.code() })
      await visitor.presses('Sign in')
      await visitor.sees('alert', /.*/)
      return visitor
    },
  },
]
