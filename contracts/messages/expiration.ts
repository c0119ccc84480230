import { message } from '../message.ts'
import { Id, Timestamp, Type, Version } from '../schema.ts'

export const ExpirationComplete = message(
  'expiration',
  'expiration:complete',
  'The payment window of an order has run out. What follows is decided by orders.',
  Type.Object({ orderId: Id, version: Version, expiresAt: Timestamp }),
)
