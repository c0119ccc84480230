// What reactions.test.ts tries of a reaction.

import type { Envelope } from '@aisle/contracts/message'
import type { OneService } from './one-service.ts'

export type Case = {
  /** The message consumed. */
  message: Envelope
  /** What must hold after it was consumed once. */
  effect: () => Promise<void>
  /** The messages that follow it in practice; the message itself then comes too late. */
  after?: Envelope[]
}
export type Cases = Record<string, (service: OneService) => Promise<Case>>
