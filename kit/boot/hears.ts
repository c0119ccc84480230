// The messages that a service consumes.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { SessionRevoked } from '@aisle/contracts/messages/auth'
import { type AnyReaction, on } from '../bus/reaction.ts'
import { recordEnd, recordRevocation } from '../http/revocations.ts'
import type { AnyService, Service } from './service.ts'

const obeyRevocation = on(SessionRevoked, async (tx, { data }, { sessions }: Service) => {
  if (data.session) {
    const { id, until } = data.session
    await recordEnd(tx.sql, id, new Date(until))
    tx.afterCommit(() => sessions.end(id, new Date(until)))
    return
  }
  await recordRevocation(tx.sql, data.userId, new Date(data.revokedBefore))
  tx.afterCommit(() => sessions.revoke(data.userId, new Date(data.revokedBefore)))
})

/** Every service obeys revocations, except the one that makes them, which records them itself. */
export const reactionsOf = (definition: AnyService): readonly AnyReaction[] =>
  definition.name === SessionRevoked.source ? definition.reactions : [obeyRevocation, ...definition.reactions]

/** What a service consumes: the types of messages, and the services that publish them. */
export function heardBy(definition: AnyService): { types: string[]; publishers: ServiceName[] } {
  const heard = reactionsOf(definition).map(({ message }) => message)
  return {
    types: [...new Set(heard.map(({ type }) => type))],
    publishers: [...new Set(heard.map(({ source }) => source))],
  }
}
