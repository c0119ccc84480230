// A person chooses which kinds of mail they get: on the account page, or with the link of a mail, which needs no
// session and ends that one kind.

import {
  chooseMail as chooseEndpoint,
  unsubscribe as endEndpoint,
  myMail as listEndpoint,
} from '@aisle/contracts/api/notices'
import type { Language } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command, procedure, query } from '@aisle/kit/http/route'
import type { NoticesService } from '../context.ts'
import { choices, isChoice, rulesOf } from '../kinds.ts'
import { readUnsubscribeToken } from '../mail/compose.ts'
import { choose } from '../preferences.ts'
import { ownAddress, suppressionOf } from '../suppressions.ts'
import { textsOf } from '../texts/say.ts'

export const myMail = query(listEndpoint, async ({ session, query: input }, service: NoticesService) => {
  const { sql } = service.db
  const chosen = await sql<{ kind: string; mail: boolean }[]>`
    select kind, mail from preferences where user_id = ${session.userId}`
  const { kinds } = textsOf((input.language ?? 'en') as Language)
  return answer({
    choices: choices.map((kind) => ({
      kind,
      name: kinds[kind],
      mail: chosen.find((one) => one.kind === kind)?.mail ?? rulesOf(kind).mail === 'on',
    })),
    reachable: await isReachable(service, session.userId),
  })
})

export const chooseMail = command(chooseEndpoint, async (tx, { body, session }, _service: NoticesService) => {
  const { kind, mail } = body
  if (!isChoice(kind)) return refuse('invalid', { field: 'kind', message: 'is not a kind of mail that can be chosen' })
  await choose(tx.sql, session.userId, kind, mail)
  return answer(undefined)
})

export const unsubscribe = procedure(endEndpoint, async ({ params }, { db, config }: NoticesService) => {
  const stop = readUnsubscribeToken(config.MAIL_SECRET, params.token)
  if (!stop || !isChoice(stop.kind)) return refuse('invalid-link')
  await choose(db.sql, stop.userId, stop.kind, false)
  return answer(undefined)
})

/** False when the address of the person gets no mail any more. */
async function isReachable(service: NoticesService, userId: string): Promise<boolean> {
  const own = await ownAddress(service, userId)
  return own === null || (await suppressionOf(service.db.sql, own.mac)) === null
}
