import { message } from '../message.ts'
import { Id, Timestamp, Type, Version } from '../schema.ts'

/** The payment window of an order has expired. Orders decides what follows. */
export const ExpirationComplete = message(
  'expiration',
  'expiration:complete',
  Type.Object({ orderId: Id, version: Version, expiresAt: Timestamp }),
)
