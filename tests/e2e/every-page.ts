// Every page in every state, and how to get there: one table for the accessibility run and for the screenshots.

import type { Order } from '@aisle/contracts/entities'
import { paymentOf, refund } from './every-order.ts'
import type { Person } from './person.ts'
import type { Stage } from './stage.ts'

export type Screen = {
  name: string
  /** Leads there, and gives who sees it. */
  show(stage: Stage): Promise<Person>
}

/** An address, as one of the people of the stage sees it. */
const at =
  (
    who: 'visitor' | 'seller' | 'buyer' | 'newcomer' | 'admin',
    path: string | ((stage: Stage) => string | Promise<string>),
  ) =>
  async (stage: Stage): Promise<Person> => {
    await stage[who].opens(typeof path === 'string' ? path : await path(stage))
    return stage[who]
  }

/** A form as it comes back. */
const refused = async (person: Person, path: string, fields: Readonly<Record<string, string>>, button: string) => {
  await person.opens(path)
  await person.fills(fields)
  await person.presses(button)
  await person.sees('alert', /.*/)
  return person
}

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
  { name: 'event', show: at('visitor', ({ event }) => `/events/${event.id}`) },
  { name: 'event-up-to-a-price', show: at('visitor', ({ event }) => `/events/${event.id}?upTo=5800`) },
  { name: 'ticket', show: at('visitor', ticketPage) },
  { name: 'ticket-signed-in', show: at('buyer', ticketPage) },
]

export const joining: readonly Screen[] = [
  { name: 'sign-in', show: at('visitor', '/sign-in') },
  { name: 'sign-in-to-go-on', show: at('visitor', '/sign-in?to=/sell') },
  {
    name: 'sign-in-refused',
    show: ({ visitor }) =>
      refused(visitor, '/sign-in', { Email: 'mara@aisle.test', Password: 'not this one' }, 'Sign in'),
  },
  { name: 'sign-up', show: at('visitor', '/sign-up') },
  {
    name: 'sign-up-refused',
    show: ({ visitor }) => refused(visitor, '/sign-up', { Email: 'mara', Password: 'x' }, 'Make the account'),
  },
  { name: 'sign-out', show: at('buyer', '/sign-out') },
  { name: 'account', show: at('buyer', '/account') },
  { name: 'account-saved', show: at('buyer', '/account?saved=who') },
  {
    name: 'account-refused',
    show: ({ buyer }) =>
      refused(buyer, '/account', { 'Current password': 'no', 'New password': 'x' }, 'Change password'),
  },
]

export const selling: readonly Screen[] = [
  { name: 'sell', show: at('seller', '/sell') },
  { name: 'sell-for-an-event', show: at('seller', ({ event }) => `/sell?event=${event.id}`) },
  { name: 'sell-refused', show: ({ seller }) => refused(seller, '/sell', { Price: '0.001' }, 'List this ticket') },
  { name: 'selling-nothing', show: at('newcomer', '/my-tickets/selling') },
  { name: 'own-ticket', show: at('seller', async ({ list }) => `/tickets/${(await list()).id}`) },
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
  { name: 'admin-tickets', show: at('admin', '/admin/tickets') },
  { name: 'admin-orders', show: at('admin', '/admin/orders') },
  { name: 'admin-order', show: at('admin', async ({ paid }) => `/admin/orders/${(await paid()).id}`) },
  { name: 'admin-messages', show: at('admin', '/admin/messages') },
  { name: 'admin-books', show: at('admin', '/admin/books') },
  { name: 'admin-not-for-everyone', show: ({ buyer }) => nothing(buyer, '/admin/users', 403) },
]

export const failing: readonly Screen[] = [
  { name: 'not-found', show: ({ visitor }) => nothing(visitor, '/nothing-here', 404) },
  {
    name: 'forbidden',
    show: async ({ buyer, list }) => nothing(buyer, `/tickets/${(await list()).id}/edit`, 403),
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
