import { myFactors } from '@aisle/contracts/api/users'
import type { Factors } from '@aisle/contracts/entities'
import type { Static } from '@aisle/contracts/schema'
import { callApi, refusalPage } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

const none: Static<typeof Factors> = { authenticator: null, passkeys: [], recoveryCodesLeft: 0 }

/** The user's second factors. A service of the previous version does not know any. */
export async function loadFactors(context: Context): Promise<Static<typeof Factors>> {
  const answer = await callApi(context, myFactors, {})
  if (answer.ok) return answer.body
  if (answer.problem.code === 'not-found') return none
  throw refusalPage(context, answer)
}
