// Every page in every state, and how to get there: one table for the accessibility run and for the screenshots.

import type { Order } from '@aisle/contracts/entities'
import { newId } from '@aisle/kit/time/ids'
import { listTicket, reserve } from '../world.ts'
import { paymentOf, refund } from './every-order.ts'
import type { Person } from './person.ts'
import type { Screen, Stage } from './stage.ts'
import { at, banned, refused } from './stage-directions.ts'

const aNight = {
  venue: 'Great Hall',
  city: 'Vienna',
  startsAt: '2099-12-01T19:00:00Z',
  timeZone: 'Europe/Vienna',
  kind: 'concert',
} as const
const ticketPage = (stage: Stage) => `/tickets/${stage.ticket.id}`
const refundPage = async (stage: Stage, order: Order) => `/my-tickets/selling/refund/${await paymentOf(stage, order)}`
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
  ['erasure', '/account/erasure'],
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
