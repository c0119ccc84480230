import type { Labels } from './format.ts'
import type { Texts } from './texts.ts'

export const labels: Labels = { event: 'Event', venue: 'Venue', starts: 'Starts', seat: 'Seat', ticket: 'Ticket' }

const order = 'Order'
const price = 'Price'
const device = 'Device'
const time = 'Time'
const numbered = (number: string | null | undefined): [string, string][] => (number ? [[order, number]] : [])
const orderPath = (id: string | null | undefined) => (id ? `/orders/${id}` : '/my-tickets')

/** Why an order ended without a sale. */
const ends: Record<string, string> = {
  'ticket-unavailable': 'The ticket is no longer available.',
  'price-changed': 'The seller changed the price before your reservation was complete.',
  'payment-failed': 'The payment did not go through.',
  'event-begun': 'The event has begun.',
  'seller-banned': 'The seller can no longer sell on Aisle.',
  admin: 'An administrator cancelled it. The order page says why.',
}

/** What happened to the security of an account. */
const secured: Record<string, [title: string, text: string]> = {
  'new-device': [
    'New sign-in to your account',
    'Someone signed in to your account from a device that we did not know.',
  ],
  'password-changed': [
    'Your password was changed',
    'The password of your account was changed. All other devices were signed out.',
  ],
  'password-reset': [
    'You have a new password',
    'A new password was set by a link from a mail. All devices were signed out.',
  ],
  'address-changed': ['Your email address was changed', 'Your account now has another email address.'],
  'address-restored': [
    'Your email address was restored',
    'The change of your email address was undone. All devices were signed out.',
  ],
  'passkey-added': ['A passkey was added', 'A passkey can now be used to sign in to your account.'],
  'passkey-removed': ['A passkey was removed', 'A passkey of your account was removed.'],
  'authenticator-added': ['Codes are now required to sign in', 'An authenticator app was connected to your account.'],
  'authenticator-removed': [
    'Codes are no longer required to sign in',
    'The authenticator app was disconnected from your account.',
  ],
  'recovery-codes-made': ['New recovery codes', 'New recovery codes were made. The old ones no longer work.'],
  'recovery-code-used': [
    'A recovery code was used',
    'A recovery code of your account was used. It does not work again.',
  ],
  banned: [
    'Your account was banned',
    'You can no longer sign in. Your listings were taken off sale, and your unpaid orders were cancelled. Tickets that you have bought stay yours. If you think this is a mistake, write to us.',
  ],
  'erasure-refused': [
    'Your account was not erased',
    'Someone who was signed in asked to erase your account. An order or money stands in the way, so nothing was erased. Your account page says what it is.',
  ],
  unbanned: ['Your account is open again', 'You can sign in again.'],
}
const notMe = 'If this was not you, change your password now and sign out all other devices on your account page.'

export const en: Texts = {
  greeting: (name) => (name ? `Hello ${name},` : 'Hello,'),
  because: 'You get this mail because of your account at Aisle.',
  choose: 'Choose what is mailed to you',
  unsubscribe: 'Stop mails of this kind',
  linkBelow: 'If the button does not work, copy this address into your browser:',
  kinds: {
    'confirm-address': 'Confirm your address',
    'change-address': 'Confirm your new address',
    'undo-address': 'Undo a change of address',
    'reset-password': 'Choose a new password',
    'known-address': 'A sign-up with your address',
    erased: 'Your account was erased',
    secured: 'Changes to the security of your account',
    reserved: 'A ticket is reserved for you',
    expired: 'Your time to pay ran out',
    'order-ended': 'An order ended without a sale',
    bought: 'You bought a ticket',
    sold: 'You sold a ticket',
    'money-back': 'Money back',
    'money-back-failed': 'Money back failed',
    'sale-refunded': 'A buyer of yours was refunded',
    'sale-restored': 'A refund of a sale failed',
    'taken-down': 'A listing of yours was taken down',
  },
  say: {
    'confirm-address': ({ token, expiresAt }, { moment }) => ({
      title: 'Confirm your email address',
      text: 'Press the button to confirm that this address is yours. Then you can sell tickets, reserve more than one, and get mails about your orders.',
      more: [
        `The link works once, until ${moment(expiresAt ?? '')}. If you did not sign up at Aisle, ignore this mail.`,
      ],
      action: { text: 'Confirm the address', path: `/confirm/${token}` },
    }),
    'change-address': ({ token, expiresAt }, { moment }) => ({
      title: 'Confirm your new email address',
      text: 'Press the button to use this address for your account at Aisle. Until then, the old address stays.',
      more: [`The link works once, until ${moment(expiresAt ?? '')}. If you did not ask for it, ignore this mail.`],
      action: { text: 'Use this address', path: `/confirm/${token}` },
    }),
    'undo-address': ({ token, expiresAt }, { moment }) => ({
      title: 'Your email address was changed',
      text: 'Your account at Aisle now has another email address. If that was not you, undo it: the old address comes back, all devices are signed out, and you get a link to choose a new password.',
      more: [`The link works until ${moment(expiresAt ?? '')}.`],
      action: { text: 'Undo the change', path: `/undo/${token}` },
    }),
    'reset-password': ({ token, expiresAt }, { moment }) => ({
      title: 'Choose a new password',
      text: 'Someone asked for a new password for your account at Aisle. If it was you, press the button.',
      more: [
        `The link works once, until ${moment(expiresAt ?? '')}. If it was not you, ignore this mail: your password stays as it is.`,
      ],
      action: { text: 'Choose a new password', path: `/reset/${token}` },
    }),
    'known-address': () => ({
      title: 'You already have an account',
      text: 'Someone signed up at Aisle with this address, which already belongs to your account. Nothing about your account has changed.',
      more: ['If it was you: sign in, or choose a new password. If it was not you, ignore this mail.'],
      action: { text: 'Sign in', path: '/sign-in' },
    }),
    erased: () => ({
      title: 'Your account was erased',
      text: 'Your account at Aisle and what we knew about you were erased. Your orders and sales stay, under a number that names nobody, because the other side needs them and because the law asks us to keep our books.',
      more: ['This is the last mail, and we keep this address no longer. If it was not you who asked, write to us.'],
    }),
    secured: ({ what = '', device: name, at = '' }, { moment }) => {
      const [title, text] = secured[what] ?? [
        'Your account',
        'Something about the security of your account has changed.',
      ]
      const facts: [string, string][] = [[time, moment(at)], ...(name ? [[device, name] as [string, string]] : [])]
      if (what === 'banned') return { title, text, facts }
      return { title, text, more: [notMe], facts, action: { text: 'Open your account', path: '/account' } }
    },
    reserved: ({ orderNumber, ticket, expiresAt = '', orderId }, { event, moment, money, ticket: rows }) => ({
      title: `Reserved for you: ${event(ticket)}`,
      text: `The ticket is yours alone until ${moment(expiresAt, ticket?.event?.timeZone)}. Pay before then to keep it.`,
      facts: [
        ...numbered(orderNumber),
        ...rows(ticket),
        ...(ticket ? [[price, money(ticket.price, ticket.currency)] as [string, string]] : []),
      ],
      action: { text: 'Show the order', path: orderPath(orderId) },
    }),
    expired: ({ orderNumber, ticket, orderId }, { event, ticket: rows }) => ({
      title: `Your time ran out: ${event(ticket)}`,
      text: 'The time to pay ran out before your payment arrived. You were not charged. If the ticket is still there, you can reserve it again.',
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Look at the order', path: orderPath(orderId) },
    }),
    'order-ended': ({ orderNumber, ticket, reason = '', orderId }, { event, ticket: rows }) => ({
      title: `No sale, no charge: ${event(ticket)}`,
      text: `Your order ended without a sale, and you were not charged. ${ends[reason] ?? ''}`.trim(),
      more: ['If your bank shows an amount on hold, it is released within a few days.'],
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Look at the order', path: orderPath(orderId) },
    }),
    bought: ({ orderNumber, ticket, orderId }, { event, money, ticket: rows }) => ({
      title: `Your ticket: ${event(ticket)}`,
      text: 'You bought this ticket, and it is paid. This is your receipt.',
      more: [
        'Your order page shows the ticket and everything that happens to it. If the order is refunded, you are told by mail.',
      ],
      facts: [
        ...numbered(orderNumber),
        ...rows(ticket),
        ...(ticket ? [['Paid', money(ticket.price, ticket.currency)] as [string, string]] : []),
      ],
      action: { text: 'Show the order', path: orderPath(orderId) },
    }),
    sold: ({ orderNumber, ticket }, { event, money, ticket: rows }) => ({
      title: `Sold: ${event(ticket)}`,
      text: 'Your ticket was sold, and the buyer has paid.',
      more: ['The money is in your balance, less the fee of the marketplace. Your sales page shows both.'],
      facts: [
        ...numbered(orderNumber),
        ...rows(ticket),
        ...(ticket ? [[price, money(ticket.price, ticket.currency)] as [string, string]] : []),
      ],
      action: { text: 'Show your sales', path: '/my-tickets/selling' },
    }),
    'money-back': ({ orderNumber, ticket, amount = 0, currency = 'eur', orderId }, { event, money, ticket: rows }) => ({
      title: `Money back: ${event(ticket)}`,
      text:
        ticket && amount < ticket.price
          ? `So far, ${money(amount, currency)} of what you paid was given back. It reaches you the way you paid, usually within 5 to 10 days.`
          : `We gave back ${money(amount, currency)}, all that you paid. It reaches you the way you paid, usually within 5 to 10 days.`,
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Show the order', path: orderPath(orderId) },
    }),
    'money-back-failed': ({ orderNumber, ticket, orderId }, { event, ticket: rows }) => ({
      title: `Your refund did not arrive: ${event(ticket)}`,
      text: 'Your bank returned the money that we gave back. We have it, and will find another way to get it to you. You need not do anything now.',
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Show the order', path: orderPath(orderId) },
    }),
    'sale-refunded': ({ orderNumber, ticket, amount = 0, currency = 'eur' }, { event, money, ticket: rows }) => ({
      title: `Your buyer was refunded: ${event(ticket)}`,
      text: `So far, ${money(amount, currency)} of this sale was given back to the buyer. Your balance is less by that.`,
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Show your sales', path: '/my-tickets/selling' },
    }),
    'sale-restored': ({ orderNumber, ticket }, { event, ticket: rows }) => ({
      title: `A refund failed: ${event(ticket)}`,
      text: 'The refund of your buyer failed, and the money came back to us. Your sales page shows what that means for your balance.',
      facts: [...numbered(orderNumber), ...rows(ticket)],
      action: { text: 'Show your sales', path: '/my-tickets/selling' },
    }),
    'taken-down': ({ title = '', ticketId }) => ({
      title: `Taken down: ${title}`,
      text: 'We took your listing off sale. The page of the ticket shows the reason. If you think the decision is wrong, write to us.',
      action: { text: 'Read the reason', path: `/tickets/${ticketId}` },
    }),
  },
}
