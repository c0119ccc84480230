import { message } from '../message.ts'
import { Id, Timestamp, Type, Version } from '../schema.ts'

/** The window of an order has run out. Orders decides what that means. */
export const ExpirationComplete = message(
  'expiration',
  'expiration:complete',
  Type.Object({ orderId: Id, version: Version, expiresAt: Timestamp }),
)
