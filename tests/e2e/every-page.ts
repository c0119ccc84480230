// Every page in every state, and how to get there: one table for the accessibility run and for the screenshots.

import { createHash, randomBytes } from 'node:crypto'
import type { Order } from '@aisle/contracts/entities'
import { newId } from '@aisle/kit/time/ids'
import { listTicket, reserve } from '../world.ts'
import { paymentOf, refund } from './every-order.ts'
import type { Person } from './person.ts'
import type { Screen, Stage } from './stage.ts'

/** A URL, as seen by one of the people on the stage. */
const at =
  (
    who: 'visitor' | 'seller' | 'buyer' | 'newcomer' | 'admin',
    path: string | ((stage: Stage) => string | Promise<string>),
  ) =>
  async (stage: Stage): Promise<Person> => {
    await stage[who].opens(typeof path === 'string' ? path : await path(stage))
    return stage[who]
  }

/** A form handed back after a refusal. */
const refused = async (person: Person, path: string, fields: Readonly<Record<string, string>>, button: string) => {
  await person.opens(path)
  await person.fills(fields)
  await person.presses(button)
  await person.sees('alert', /.*/)
  return person
}

const aNight = {
  venue: 'Great Hall',
  city: 'Vienna',
  startsAt: '2099-12-01T19:00:00Z',
  timeZone: 'Europe/Vienna',
  kind: 'concert',
} as const
const ticketPage = (stage: Stage) => `/tickets/${stage.ticket.id}`
const refundPage = async (stage: Stage, order: Order) => `/my-tickets/selling/refund/${await paymentOf(stage, order)}`
const banned = async ({ site, admin }: Stage) => {
  const { user } = await site.world.member()
  await admin.client.expect(204, 'POST', `/api/users/${user.id}/ban`, { reason: 'Sold the same seat elsewhere' })
  return user
}
const nothing = async (person: Person, path: string, ...statuses: number[]) => {
  for (const status of statuses) person.watch.allow(status)
  await person.opens(path)
  return person
}

export const looking: readonly Screen[] = [
  { name: 'home', show: at('visitor', '/') },
  { name: 'home-found', show: at('visitor', '/?q=the') },
  { name: 'home-narrowed', show: at('visitor', '/?kind=theatre&city=Vienna') },
  { name: 'home-nothing-found', show: at('visitor', '/?q=zzzz') },
  { name: 'tickets', show: at('visitor', '/tickets') },
  { name: 'tickets-none', show: at('visitor', '/tickets?q=zzzz') },
  { name: 'tickets-crossed-prices', show: at('visitor', '/tickets?min=60&max=50') },
  { name: 'event', show: at('visitor', ({ event }) => `/events/${event.id}`) },
  { name: 'event-up-to-a-price', show: at('visitor', ({ event }) => `/events/${event.id}?upTo=5800`) },
  { name: 'ticket', show: at('visitor', ticketPage) },
  { name: 'ticket-signed-in', show: at('buyer', ticketPage) },
  {
    name: 'ticket-from-right-to-left',
    show: at('visitor', async ({ site }) => {
      const holder = await site.world.member('نادية')
      const event = { ...aNight, name: 'فيروز: ليلة في بعلبك', venue: 'قاعة 5 (VIP)', city: 'بيروت' }
      return `/tickets/${(await listTicket(holder, { title: 'مقعدان، الصف 12', event })).id}`
    }),
  },
  {
    name: 'event-with-many-tickets',
    show: at('visitor', async ({ site }) => {
      const holder = await site.world.member()
      for (const price of [4000, 4000, 4000, 4500, 5500, 5500, 7000, 9900]) await listTicket(holder, { price })
      return `/events/${(await listTicket(holder, { price: 12_000 })).event!.id}`
    }),
  },
  {
    name: 'event-sold-out',
    async show({ site, visitor }) {
      const holder = await site.world.member()
      const { id, event } = await listTicket(holder, { event: { ...aNight, name: 'A Night of Songs' } })
      await holder.expect(204, 'DELETE', `/api/tickets/${id}`)
      await visitor.opens(`/events/${event!.id}`)
      return visitor
    },
  },
  {
    name: 'ticket-of-an-event-that-has-begun',
    async show({ site, visitor }) {
      const holder = await site.world.member()
      const { id, event } = await listTicket(holder, { event: { ...aNight, name: 'Last Night' } })
      await site.world.sql('tickets')`update events set starts_at = now() - interval '1 hour' where id = ${event!.id}`
      await visitor.opens(`/tickets/${id}`)
      return visitor
    },
  },
  {
    name: 'ticket-that-costs-more-now',
    async show({ list, seller, visitor }) {
      const { id } = await list()
      await visitor.opens(`/tickets/${id}`)
      await visitor.sees('button', 'Reserve this ticket')
      await seller.client.expect(200, 'PATCH', `/api/tickets/${id}`, { price: 6400 })
      await visitor.readsText('€64.00')
      return visitor
    },
  },
  {
    name: 'ticket-taken',
    async show({ list, buyer, newcomer }) {
      const { id } = await list()
      await buyer.opens(`/tickets/${id}`)
      // Someone else is faster while the form is on its way.
      await buyer.page.route(
        (url) => url.pathname.startsWith(`/tickets/${id}`),
        async (route) => {
          if (route.request().method() === 'POST') await reserve(newcomer.client, id)
          await route.continue()
        },
      )
      await buyer.presses('Reserve this ticket')
      await buyer.sees('alert', /.*/)
      return buyer
    },
  },
  { name: 'help', show: at('visitor', '/help') },
  { name: 'privacy', show: at('buyer', '/privacy') },
  { name: 'terms', show: at('visitor', '/terms') },
  { name: 'imprint', show: at('visitor', '/imprint') },
  { name: 'contact', show: at('visitor', '/contact') },
  { name: 'ticket-of-mine', show: at('buyer', async ({ order }) => `/tickets/${(await order()).ticket.id}`) },
]

/** German words are longer: a layout that fits German fits English. */
export const inGerman: readonly Screen[] = [
  ['home', '/'],
  ['ticket', ticketPage],
  ['checkout', async ({ order }: Stage) => `/orders/${(await order()).id}`],
  ['sell', '/sell'],
  ['selling', '/my-tickets/selling'],
  ['account', '/account'],
  ['help', '/help'],
  ['privacy', '/privacy'],
  ['terms', '/terms'],
].map(([name, path]) => ({
  name: `${name}-in-german`,
  async show(stage: Stage) {
    const { client } = name === 'selling' ? stage.seller : stage.buyer
    const person = await stage.site.signIn(client, { locale: 'de-AT' })
    await person.opens(typeof path === 'function' ? await path(stage) : path!)
    return person
  },
}))

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

/** The page of a link that was sent to the newcomer: `purpose` is that of the link, `page` where it leads. */
async function linked({ site, newcomer }: Stage, purpose: string, page: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest()
  await site.world.sql('auth')`
    insert into links (id, user_id, purpose, token_hash, made_at, sent_at, expires_at)
    values (${newId()}, ${newcomer.user.id}, ${purpose}, ${hash}, now(), now(), '2099-01-01T00:00:00Z')`
  return `/${page}/${token}`
}

export const selling: readonly Screen[] = [
  { name: 'sell', show: at('seller', '/sell') },
  { name: 'sell-for-an-event', show: at('seller', ({ event }) => `/sell?event=${event.id}`) },
  { name: 'sell-refused', show: ({ seller }) => refused(seller, '/sell', { Price: '0.001' }, 'List this ticket') },
  { name: 'selling-nothing', show: at('newcomer', '/my-tickets/selling') },
  { name: 'own-ticket', show: at('seller', async ({ list }) => `/tickets/${(await list()).id}`) },
  {
    name: 'edit-a-skipped-time',
    async show({ list, seller }) {
      await seller.opens(`/tickets/${(await list()).id}/edit`)
      await seller.chooses('Time zone of the venue', 'Europe/Berlin')
      await seller.fills({ 'Date and time': '2098-03-30T02:30' })
      await seller.presses('Save')
      await seller.sees('alert', /.*/)
      return seller
    },
  },
  {
    name: 'edit-an-event-of-others',
    async show({ list, seller, site }) {
      const { id, event } = await list()
      const { id: _, ...shared } = event!
      await listTicket(await site.world.member(), { event: shared as Record<string, string> })
      await seller.opens(`/tickets/${id}/edit`)
      await seller.fills({ Event: event!.name.toUpperCase() })
      await seller.presses('Save')
      await seller.readsText('The event details stay as shown here.')
      return seller
    },
  },
  {
    name: 'sell-after-signing-in',
    async show({ site, seller }) {
      const person = await site.signIn(seller.client)
      await person.opens('/sell')
      await person.fills({ 'What are you selling': 'Stalls, near the aisle', Price: '52.50', Event: 'The Long Night' })
      await person.context.clearCookies()
      await person.presses('List this ticket')
      await person.reads('Sign in')
      await person.fills({ Email: seller.user.email, Password: 'a good password' })
      await person.presses('Sign in')
      await person.readsText('What you typed is still here')
      return person
    },
  },
  { name: 'edit', show: at('seller', async ({ list }) => `/tickets/${(await list()).id}/edit`) },
  {
    name: 'ticket-withdrawn',
    show: at('visitor', async ({ list, seller }) => {
      const { id } = await list()
      await seller.client.expect(204, 'DELETE', `/api/tickets/${id}`)
      return `/tickets/${id}`
    }),
  },
  { name: 'ticket-reserved', show: at('visitor', async ({ order }) => `/tickets/${(await order()).ticket.id}`) },
  { name: 'own-ticket-reserved', show: at('seller', async ({ order }) => `/tickets/${(await order()).ticket.id}`) },
  { name: 'ticket-sold', show: at('visitor', async ({ paid }) => `/tickets/${(await paid()).ticket.id}`) },
  { name: 'own-ticket-sold', show: at('seller', async ({ paid }) => `/tickets/${(await paid()).ticket.id}`) },
  {
    name: 'own-ticket-taken-down',
    show: at('seller', async ({ admin, list }) => {
      const { id } = await list()
      const reason = 'This seat does not exist.'
      await admin.client.expect(204, 'POST', `/api/admin/tickets/${id}/withdrawal`, { reason })
      return `/tickets/${id}`
    }),
  },
  { name: 'refund', show: at('seller', async (stage) => refundPage(stage, await stage.paid())) },
  {
    name: 'refund-to-confirm',
    show: at('seller', async (stage) => `${await refundPage(stage, await stage.paid())}?amount=58`),
  },
  { name: 'refund-nothing-left', show: at('seller', async (stage) => refundPage(stage, await refund(stage))) },
  { name: 'selling', show: at('seller', '/my-tickets/selling') },
]

export const administering: readonly Screen[] = [
  { name: 'admin-users', show: at('admin', '/admin/users') },
  { name: 'admin-users-banned', show: at('admin', async (stage) => `/admin/users?q=${(await banned(stage)).id}`) },
  {
    name: 'admin-users-to-ban',
    async show({ admin, newcomer }) {
      await admin.opens(`/admin/users?q=${newcomer.user.id}`)
      await admin.page.getByText('Ban this account').first().click()
      await admin.presses('Ban this account')
      await admin.sees('alert', /.*/)
      return admin
    },
  },
  { name: 'admin-tickets', show: at('admin', '/admin/tickets') },
  { name: 'admin-orders', show: at('admin', '/admin/orders') },
  { name: 'admin-order', show: at('admin', async ({ paid }) => `/admin/orders/${(await paid()).id}`) },
  { name: 'admin-orders-none', show: at('admin', '/admin/orders?status=paying') },
  {
    name: 'admin-order-to-cancel',
    async show({ admin, order }) {
      await admin.opens(`/admin/orders/${(await order()).id}`)
      await admin.page.getByText('Cancel this order').first().click()
      await admin.presses('Cancel this order')
      await admin.sees('alert', /.*/)
      return admin
    },
  },
  {
    name: 'admin-ticket-to-take-down',
    async show({ admin, list }) {
      await admin.opens(`/tickets/${(await list()).id}`)
      await admin.page.getByText('Take this ticket down').first().click()
      await admin.presses('Take this ticket down')
      await admin.sees('alert', /.*/)
      return admin
    },
  },
  { name: 'admin-order-refunded', show: at('admin', async (stage) => `/admin/orders/${(await refund(stage)).id}`) },
  { name: 'admin-messages', show: at('admin', '/admin/messages') },
  {
    name: 'admin-messages-set-aside',
    async show({ site, admin, seller }) {
      await site.world.sql('orders')`
        insert into parked_messages (message_id, publisher, state, tries, error, next_try_at, message)
        values (${newId()}, 'tickets', 'parked', 8,
          'new row for relation "tickets" violates check constraint "tickets_price_check"', now(),
                ${JSON.stringify({ type: 'ticket:updated', subject: seller.user.id })}::text::json)`
      await admin.opens('/admin/messages')
      await admin.sees('button', 'Retry')
      return admin
    },
  },
  { name: 'admin-books', show: at('admin', '/admin/books') },
  {
    name: 'admin-books-compared',
    async show({ admin }) {
      await admin.opens('/admin/books')
      await admin.presses('Compare now')
      await admin.readsText(/compared\.$/)
      return admin
    },
  },
  { name: 'admin-audit', show: at('admin', '/admin/audit') },
  { name: 'admin-audit-of-one', show: at('admin', ({ newcomer }) => `/admin/audit?user=${newcomer.user.id}`) },
  { name: 'admin-not-for-everyone', show: ({ buyer }) => nothing(buyer, '/admin/users', 403) },
]

export const failing: readonly Screen[] = [
  { name: 'not-found', show: ({ visitor }) => nothing(visitor, '/nothing-here', 404) },
  {
    name: 'forbidden',
    show: async ({ buyer, list }) => nothing(buyer, `/tickets/${(await list()).id}/edit`, 403),
  },
  {
    name: 'offline',
    async show({ site, newcomer }) {
      const reader = await site.signIn(newcomer.client)
      reader.watch.allowLostNetwork()
      await reader.opens('/')
      await reader.follows('My tickets')
      await reader.reads('My tickets')
      await reader.follows('Aisle')
      await reader.reads('Someone cannot go. You can.')
      await reader.context.setOffline(true)
      await reader.follows('My tickets')
      await reader.reads('You are offline')
      return reader
    },
  },
  {
    name: 'error-of-ours',
    async show({ site, visitor, event }) {
      const tickets = site.world.sql('tickets')
      await tickets`alter table events rename to elsewhere`
      await nothing(visitor, `/events/${event.id}`, 500)
      await tickets`alter table elsewhere rename to events`
      await visitor.reads('Something went wrong on our side')
      return visitor
    },
  },
  {
    name: 'unavailable',
    async show({ site, visitor, ticket }) {
      await site.world.stack.stopService('tickets')
      await nothing(visitor, `/tickets/${ticket.id}`, 503)
      await visitor.reads('This part of Aisle is not answering')
      return visitor
    },
  },
]
