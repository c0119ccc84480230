// The pages for signing up and in, for the links in mails, and for an account.

import { createHash, randomBytes } from 'node:crypto'
import { newId } from '@aisle/kit/time/ids'
import { addressMac } from '../../services/notices/address-mac.ts'
import { reserve } from '../world.ts'
import type { Screen, Stage } from './stage.ts'
import { at, banned, refused } from './stage-directions.ts'

export const joining: readonly Screen[] = [
  { name: 'sign-in', show: at('visitor', '/sign-in') },
  { name: 'sign-in-to-go-on', show: at('visitor', '/sign-in?to=/sell') },
  {
    name: 'sign-in-refused',
    show: ({ visitor }) =>
      refused(visitor, '/sign-in', { Email: 'mara@aisle.test', Password: 'not this one' }, 'Sign in'),
  },
  {
    name: 'sign-in-banned',
    show: async (stage) =>
      refused(
        stage.visitor,
        '/sign-in',
        { Email: (await banned(stage)).email, Password: 'a good password' },
        'Sign in',
      ),
  },
  { name: 'sign-up', show: at('visitor', '/sign-up') },
  {
    name: 'sign-up-refused',
    show: ({ visitor }) => refused(visitor, '/sign-up', { Email: 'mara', Password: 'x' }, 'Create account'),
  },
  {
    name: 'sign-up-easy-to-guess',
    show: ({ visitor }) =>
      refused(visitor, '/sign-up', { Email: 'mara@aisle.test', Password: 'iloveyou' }, 'Create account'),
  },
  { name: 'sign-out', show: at('buyer', '/sign-out') },
  { name: 'account', show: at('buyer', '/account') },
  {
    name: 'account-mail-sent',
    async show({ site }) {
      const person = await site.member()
      await person.opens('/account')
      await person.presses('Send the mail again')
      await person.readsText('We have sent the mail again.')
      return person
    },
  },
  { name: 'confirm', show: at('visitor', '/confirm/none') },
  {
    name: 'confirm-refused',
    show: ({ visitor }) => refused(visitor, '/confirm/none', {}, 'Confirm email'),
  },
  {
    name: 'confirmed',
    async show(stage) {
      await stage.visitor.opens(await linked(stage, 'confirm-address', 'confirm'))
      await stage.visitor.presses('Confirm email')
      await stage.visitor.readsText('Your email is confirmed.')
      return stage.visitor
    },
  },
  { name: 'undo', show: at('visitor', '/undo/none') },
  { name: 'undo-refused', show: ({ visitor }) => refused(visitor, '/undo/none', {}, 'Undo the change') },
  {
    name: 'undone',
    async show(stage) {
      const { user } = await stage.site.world.member()
      await stage.visitor.opens(await linked(stage, 'undo-address', 'undo', user))
      await stage.visitor.presses('Undo the change')
      await stage.visitor.readsText('The change is undone.')
      return stage.visitor
    },
  },
  {
    name: 'account-address-asked',
    async show({ site }) {
      const person = await site.member()
      await person.opens('/account')
      await person.fills({ 'New email': `new.${person.user.email}` })
      await person.presses('Change email')
      await person.readsText('We have sent a link to the new address.')
      return person
    },
  },
  { name: 'data', show: at('buyer', '/account/data') },
  { name: 'prove', show: at('buyer', '/prove?to=/account') },
  {
    name: 'prove-refused',
    show: ({ seller }) => refused(seller, '/prove?to=/account', { 'Your password': 'a guess' }, 'Continue'),
  },
  { name: 'erasure', show: at('buyer', '/account/erasure') },
  { name: 'erasure-sure', show: at('buyer', '/account/erasure?sure') },
  {
    name: 'erasure-refused',
    async show({ site, seller, list }) {
      const { id } = await list()
      const person = await site.member()
      await reserve(person.client, id)
      await seller.opens('/account/erasure?sure')
      await seller.presses('Yes, erase it')
      await seller.readsText('Someone is buying a ticket of yours.')
      return seller
    },
  },
  {
    name: 'erasure-asked',
    async show({ site }) {
      const person = await site.member()
      const now = new Date()
      await site.world.sql('auth')`
        insert into erasures (user_id, version, by, status, asked_at, said_at)
        values (${person.user.id}, 1, 'user', 'asked', ${now}, ${now})`
      await person.opens('/account/erasure')
      return person
    },
  },
  { name: 'erased', show: at('visitor', '/erased') },
  {
    name: 'account-unreachable',
    async show(stage) {
      const person = await unreachable(stage)
      await person.opens('/account')
      return person
    },
  },
  {
    name: 'notices-unreachable',
    async show(stage) {
      const person = await unreachable(stage)
      await person.opens('/notices')
      return person
    },
  },
  {
    name: 'notices-reached',
    async show(stage) {
      const person = await unreachable(stage)
      await person.opens('/notices')
      await person.presses('My address works again')
      await person.readsText('We will send you mails again')
      return person
    },
  },
  { name: 'forgot', show: at('visitor', '/forgot') },
  { name: 'forgot-refused', show: ({ visitor }) => refused(visitor, '/forgot', { Email: 'mara' }, 'Send the link') },
  {
    name: 'forgot-sent',
    async show({ visitor }) {
      await visitor.opens('/forgot')
      await visitor.fills({ Email: 'mara@aisle.test' })
      await visitor.presses('Send the link')
      await visitor.readsText('the link is on its way')
      return visitor
    },
  },
  { name: 'reset', show: at('visitor', '/reset/none') },
  {
    name: 'reset-refused',
    show: ({ visitor }) => refused(visitor, '/reset/none', { 'New password': 'another password' }, 'Set password'),
  },
  {
    name: 'reset-easy-to-guess',
    show: async (stage) =>
      refused(
        stage.visitor,
        await linked(stage, 'reset-password', 'reset'),
        { 'New password': 'iloveyou' },
        'Set password',
      ),
  },
  {
    name: 'reset-done',
    async show(stage) {
      const { user } = await stage.site.world.member()
      await stage.visitor.opens(await linked(stage, 'reset-password', 'reset', user))
      await stage.visitor.fills({ 'New password': 'another password' })
      await stage.visitor.presses('Set password')
      await stage.visitor.readsText('Your password is changed.')
      return stage.visitor
    },
  },
  {
    name: 'account-devices',
    async show({ site, newcomer }) {
      const { email } = newcomer.user
      for (const userAgent of ['Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1', ''])
        await site.world
          .visitor()
          .expect(200, 'POST', '/api/users/signin', { email, password: 'a good password' }, { 'user-agent': userAgent })
      await newcomer.opens('/account')
      await newcomer.page
        .getByRole('button', { name: /^Sign out this device/ })
        .first()
        .click()
      await newcomer.readsText('You are signed out on that device.')
      return newcomer
    },
  },
  {
    name: 'account-saved',
    async show({ buyer }) {
      await buyer.opens('/account')
      await buyer.presses('Save')
      await buyer.readsText('Saved.')
      return buyer
    },
  },
  {
    name: 'account-refused',
    show: ({ buyer }) =>
      refused(buyer, '/account', { 'Current password': 'no', 'New password': 'x' }, 'Change password'),
  },
]

/** Somebody whose address refused a mail for good. */
async function unreachable({ site }: Stage) {
  const person = await site.member()
  await site.world.settled()
  const mac = addressMac(site.world.keys.mailSecret, person.user.email)
  await site.world.sql('notices')`
    insert into suppressions (address_mac, reason, at) values (${mac}, 'refused', ${site.world.clock.now()})`
  return person
}

/** The page of a link that was sent to a user: `purpose` is that of the link, `page` where it leads. */
async function linked(
  { site, newcomer }: Stage,
  purpose: string,
  page: string,
  { id, email }: { id: string; email: string } = newcomer.user,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest()
  await site.world.sql('auth')`
    insert into links (id, user_id, purpose, address, token_hash, made_at, sent_at, expires_at)
    values (${newId()}, ${id}, ${purpose}, ${email}, ${hash}, now(), now(), '2099-01-01T00:00:00Z')`
  return `/${page}/${token}`
}
