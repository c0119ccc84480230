// The public shapes. What is not here (who holds a ticket, a seller's email) is not public. Text in them is any
// text: the rules for new text (text() in schema.ts) may become stricter than what is stored, which must still be
// readable.

import { Language } from './messages/auth.ts'
import { ErasureReasons } from './messages/erasure.ts'
import { OrderNumber } from './order-number.ts'
import { Passkey } from './passkeys.ts'
import { AmountMinor, Currency, Id, PriceMinor, type Static, Timestamp, Type, Version } from './schema.ts'

export const Role = Type.Enum(['user', 'admin'])

export const User = Type.Object({
  id: Id,
  email: Type.String({ description: 'as the user typed it, trimmed' }),
  name: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String()),
  role: Role,
  // These two are missing in the answers of services of the previous version.
  language: Type.Optional(Language),
  confirmed: Type.Optional(Type.Boolean({ description: 'whether the user has proved that the email is theirs' })),
})

/** The erasure of an account, as its owner sees it. */
export const Erasure = Type.Object({
  status: Type.Enum(['none', 'asked', 'refused', 'done'], {
    description: 'none: it was never asked for; asked: the services have not all answered yet',
  }),
  version: Type.Integer({ minimum: 0, description: 'how often it was asked for' }),
  askedAt: Type.Optional(Timestamp),
  reasons: ErasureReasons,
})

/** A session, as its owner sees it. */
export const SignedInDevice = Type.Object({
  id: Id,
  device: Type.Optional(Type.String({ description: 'browser and system, as far as known' })),
  address: Type.String({ description: 'address from which it was last seen' }),
  createdAt: Timestamp,
  seenAt: Type.String({ format: 'date-time', description: 'when it was last used, within five minutes' }),
  current: Type.Boolean({ description: 'whether it is the session of this request' }),
})

/** What a user can prove who they are with, besides the password. */
export const Factors = Type.Object({
  authenticator: Type.Union([Type.Object({ since: Timestamp }), Type.Null()]),
  passkeys: Type.Array(Passkey),
  recoveryCodesLeft: Type.Integer({ minimum: 0, description: 'how many recovery codes have not been used' }),
})

export const EventKind = Type.Enum(['concert', 'theatre', 'sport', 'comedy', 'festival', 'other'])

/** What a ticket is for: a concert, a match. Not to be confused with a message on the bus. */
export const TicketEvent = Type.Object({
  id: Id,
  name: Type.String(),
  venue: Type.String(),
  city: Type.Optional(Type.String()),
  startsAt: Timestamp,
  timeZone: Type.Optional(Type.String({ description: 'IANA time zone of the venue' })),
  kind: Type.Optional(EventKind),
})

export const Seat = Type.Object({
  section: Type.Optional(Type.String()),
  row: Type.Optional(Type.String()),
  number: Type.Optional(Type.String()),
})

export const TicketStatus = Type.Enum(['listed', 'reserved', 'sold', 'withdrawn'])

export const Ticket = Type.Object({
  id: Id,
  title: Type.String(),
  description: Type.Optional(Type.String()),
  price: PriceMinor,
  currency: Currency,
  event: Type.Optional(TicketEvent),
  seat: Type.Optional(Seat),
  seller: Type.Object({
    id: Id,
    name: Type.String(),
    erased: Type.Optional(Type.Literal(true, { description: 'the account of the seller was erased' })),
  }),
  status: TicketStatus,
  takedownReason: Type.Optional(
    Type.String({ description: 'why an admin took it off sale; shown only to its seller and admins' }),
  ),
  heldUntil: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'while it is reserved: when it is for sale again unless it is paid',
    }),
  ),
  refunded: Type.Optional(
    Type.Literal(true, { description: 'it was sold and fully refunded: its seller may list it again' }),
  ),
  version: Version,
  createdAt: Timestamp,
  updatedAt: Timestamp,
})

export const Event = Type.Object({
  ...TicketEvent.properties,
  updatedAt: Timestamp,
  listed: Type.Integer({ minimum: 0, description: 'how many tickets are listed' }),
  from: Type.Optional(
    Type.Object(
      { price: PriceMinor, currency: Currency },
      { description: 'the lowest listed price, in the most common currency' },
    ),
  ),
  // Missing in the answers of services of the previous version.
  prices: Type.Optional(
    Type.Array(Type.Object({ price: PriceMinor, currency: Currency }), {
      description: 'the lowest listed price in each currency, the most common currency first',
    }),
  ),
})

export const OrderStatus = Type.Enum(['created', 'awaiting:payment', 'paying', 'complete', 'refunded', 'cancelled'])

export const CancelReason = Type.Enum([
  'buyer',
  'expired',
  'ticket-unavailable',
  'price-changed',
  'payment-failed',
  'event-begun',
  'seller-banned',
  'buyer-banned',
  'admin',
])

export const Order = Type.Object({
  id: Id,
  // Missing in the answers and messages of services of the previous version.
  number: Type.Optional(OrderNumber),
  status: OrderStatus,
  reason: Type.Optional(CancelReason),
  note: Type.Optional(Type.String({ description: 'with reason admin: the admin’s message to the buyer' })),
  expiresAt: Timestamp,
  ticket: Type.Object(
    {
      id: Id,
      title: Type.String(),
      price: PriceMinor,
      currency: Currency,
      event: Type.Optional(TicketEvent),
      seat: Type.Optional(Seat),
    },
    { description: 'the ticket as it was when it was reserved: what is shown is what is charged' },
  ),
  version: Version,
  createdAt: Timestamp,
  updatedAt: Timestamp,
})

export const PaymentStatus = Type.Enum([
  'created',
  'authorized',
  'captured',
  'refunded',
  'declined',
  'voided',
  'capture-failed',
])

export const Payment = Type.Object({
  id: Id,
  orderId: Id,
  status: PaymentStatus,
  amount: PriceMinor,
  currency: Currency,
  amountRefunded: AmountMinor,
  stripeId: Type.Optional(Type.String({ description: "the provider's id of the payment" })),
  stripeRefundId: Type.Optional(Type.String({ description: "the provider's id of the latest refund" })),
  url: Type.Optional(Type.String({ description: 'the provider’s hosted page; only for the buyer' })),
  declineCode: Type.Optional(Type.String()),
  createdAt: Timestamp,
})

export const RefundStatus = Type.Enum(['pending', 'succeeded', 'failed'])

export const Refund = Type.Object({
  id: Id,
  paymentId: Id,
  status: RefundStatus,
  amount: AmountMinor,
  currency: Currency,
  createdAt: Timestamp,
})

/** How much of an order was refunded to its buyer. */
export const OrderRefunds = Type.Object({
  orderId: Id,
  currency: Currency,
  refunded: AmountMinor,
  pending: Type.Integer({ ...AmountMinor, description: 'on its way to the buyer, minor units' }),
})

const Sum = (description: string) => Type.Integer({ description: `${description}, minor units` })

export const Balance = Type.Object({
  currency: Currency,
  sold: Sum('what buyers have paid'),
  fees: Sum('what the marketplace keeps of it'),
  refunded: Sum('what was given back to buyers, or is on its way'),
  due: Sum('what the seller is due: sold, less the fees and the refunds'),
})

/** A user as an admin sees them. */
export const Account = Type.Object({
  ...User.properties,
  createdAt: Timestamp,
  bannedAt: Type.Optional(Timestamp),
  banReason: Type.Optional(Type.String()),
  erasedAt: Type.Optional(Timestamp),
})

/** An order with both of its sides, as an admin sees it. */
export const OrderRecord = Type.Object({ ...Order.properties, buyerId: Id, sellerId: Id, paymentId: Type.Optional(Id) })

/** One step of an order's story, which an admin reads from top to bottom. */
export const Step = Type.Object({
  at: Timestamp,
  kind: Type.Enum(['order', 'payment', 'call', 'webhook', 'refund', 'ledger']),
  what: Type.String({
    description: 'the status, the call to the provider, the type of the webhook, the kind of the ledger row',
  }),
  detail: Type.Optional(Type.String()),
  amount: Type.Optional(Type.Integer({ description: 'minor units' })),
  currency: Type.Optional(Currency),
})

/** A sold ticket, as its seller sees it. */
export const Sale = Type.Object({
  ticketId: Type.Optional(Id),
  title: Type.String(),
  orderNumber: Type.Optional(OrderNumber),
  payment: Payment,
  pending: Type.Integer({ ...AmountMinor, description: 'on its way back to the buyer, minor units' }),
})

/** A message or a piece of work that failed: it waits for a retry, or is a dead letter. */
export const FailedItem = Type.Object({
  id: Type.String({ description: 'the id of the message, or the key of the work' }),
  what: Type.Enum(['message', 'work']),
  publisher: Type.Optional(Type.String({ description: 'of a message' })),
  state: Type.Enum(['retrying', 'parked']),
  tries: Type.Integer(),
  error: Type.String(),
  since: Timestamp,
  type: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String()),
})

export const MailStatus = Type.Enum(['queued', 'waiting', 'sent', 'deferred', 'bounced', 'suppressed', 'given-up'], {
  description:
    'waiting: until the address is confirmed; deferred: to be tried again; suppressed: switched off, or the address cannot be reached',
})

/** Something that a person was told, in the language that was asked for. */
export const Notice = Type.Object({
  id: Id,
  kind: Type.String({ description: 'such as bought; more kinds may come' }),
  title: Type.String(),
  text: Type.String(),
  action: Type.Optional(
    Type.Object({ text: Type.String(), path: Type.String() }, { description: 'where it leads on this site' }),
  ),
  orderId: Type.Optional(Id),
  madeAt: Timestamp,
  readAt: Type.Optional(Timestamp),
  mail: Type.Optional(
    Type.Object({ status: MailStatus, at: Timestamp }, { description: 'what became of its mail, and when' }),
  ),
})

/** A notice about an order, as an admin sees it. */
export const NoticeRecord = Type.Object({
  ...Notice.properties,
  userId: Id,
  why: Type.Optional(Type.String({ description: 'why there is no mail, or what the mail server said' })),
})

/** A kind of mail that a person may switch on and off. */
export const MailChoice = Type.Object({ kind: Type.String(), name: Type.String(), mail: Type.Boolean() })

/** A mail in the development mailbox. */
export const MailboxEntry = Type.Object({
  id: Id,
  to: Type.String(),
  subject: Type.String(),
  at: Timestamp,
})
export const MailboxMail = Type.Object({
  ...MailboxEntry.properties,
  headers: Type.Record(Type.String(), Type.String()),
  html: Type.String(),
  text: Type.String(),
  attachments: Type.Array(Type.Object({ filename: Type.String(), contentType: Type.String(), content: Type.String() })),
})

/** The actions in the audit log: on accounts, on money, what admins do and read, and what was refused. */
export const AuditAction = Type.Enum([
  'sign-up',
  'sign-in',
  'sign-out',
  'sign-out-everywhere',
  'session-end',
  'password-change',
  'address-confirmation',
  'password-reset',
  'address-change',
  'address-restoration',
  'proof',
  'authenticator-added',
  'authenticator-removed',
  'recovery-codes-made',
  'recovery-code-used',
  'factors-removed',
  'passkey-added',
  'passkey-removed',
  'admin-made',
  'ban',
  'unban',
  'erasure',
  'ticket-takedown',
  'order-cancellation',
  'refund',
  'message-replay',
  'books-comparison',
  'accounts-read',
  'tickets-read',
  'orders-read',
  'payments-read',
  'notices-read',
  'webhook',
  'access',
])

/** One entry of the audit log. */
export const AuditEntry = Type.Object({
  id: Id,
  at: Timestamp,
  actor: Type.Optional(Type.String({ description: 'the user who did it; missing when nobody was signed in' })),
  session: Type.Optional(Type.String({ description: 'the session that did it' })),
  address: Type.Optional(Type.String({ description: 'client address' })),
  action: Type.String({ description: 'one of the actions that can be filtered by' }),
  subject: Type.Optional(Type.String({ description: 'id of the thing that it was done to' })),
  outcome: Type.String({ description: 'done, or the code of the refusal' }),
  detail: Type.Optional(Type.String()),
  times: Type.Integer({ minimum: 1, description: 'how often, where one entry stands for several' }),
})

export type Erasure = Static<typeof Erasure>
export type Notice = Static<typeof Notice>
export type NoticeRecord = Static<typeof NoticeRecord>
export type MailChoice = Static<typeof MailChoice>
export type MailboxEntry = Static<typeof MailboxEntry>
export type MailboxMail = Static<typeof MailboxMail>
export type AuditAction = Static<typeof AuditAction>
export type AuditEntry = Static<typeof AuditEntry>
export type User = Static<typeof User>
export type SignedInDevice = Static<typeof SignedInDevice>
export type Account = Static<typeof Account>
export type OrderRecord = Static<typeof OrderRecord>
export type Step = Static<typeof Step>
export type Sale = Static<typeof Sale>
export type FailedItem = Static<typeof FailedItem>
export type TicketEvent = Static<typeof TicketEvent>
export type Seat = Static<typeof Seat>
export type Ticket = Static<typeof Ticket>
export type TicketStatus = Static<typeof TicketStatus>
export type Event = Static<typeof Event>
export type Order = Static<typeof Order>
export type OrderStatus = Static<typeof OrderStatus>
export type CancelReason = Static<typeof CancelReason>
export type Payment = Static<typeof Payment>
export type PaymentStatus = Static<typeof PaymentStatus>
export type Refund = Static<typeof Refund>
export type OrderRefunds = Static<typeof OrderRefunds>
export type Balance = Static<typeof Balance>
