// A user adds an authenticator app: its secret is offered, and counts once a code has confirmed that the app has it.
// Until then an earlier one stays. The first second factor comes with recovery codes. An admin who needs a second
// factor keeps the last one. Whoever does this has proved within ten minutes who they are; the user's row lock guards.

import {
  confirmAuthenticator as confirmEndpoint,
  offerAuthenticator as offerEndpoint,
  removeAuthenticator as removeEndpoint,
} from '@aisle/contracts/api/users'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { plain } from '@aisle/contracts/readable'
import { refuse } from '@aisle/kit/errors'
import { answer, command, procedure } from '@aisle/kit/http/route'
import { type AuthenticatorRow, makeSecret, stepOf, toUri } from '../authenticator.ts'
import type { AuthService } from '../context.ts'
import { dropCodesWithoutFactor, factorsOf, mustKeepLast } from '../factors.ts'
import { makeCodes, replaceCodes } from '../recovery-codes.ts'
import { adoptSession, lockCaller } from '../session-rows.ts'
import { toSecured, toSignIn } from '../user.ts'

export const offerAuthenticator = command(offerEndpoint, async (tx, { session }, { parts, clock }: AuthService) => {
  const caller = await lockCaller(tx.sql, session)
  if (!caller) return refuse('not-signed-in')
  const { user } = caller
  const secret = makeSecret()
  const sealed = await parts.factorSecrets.seal(user.id, secret)
  await tx.sql`
    insert into authenticators (user_id, offered_secret, offered_at) values (${user.id}, ${sealed}, ${clock.now()})
    on conflict on constraint authenticators_pkey do update
      set offered_secret = excluded.offered_secret, offered_at = excluded.offered_at`
  return answer({ secret, uri: toUri(secret, user.email) })
})

export const confirmAuthenticator = procedure(confirmEndpoint, async (request, service: AuthService) => {
  const { body, session, client, origin } = request
  const { db, parts, clock, audit } = service
  const made = await makeCodes()
  return db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user, row } = caller
    const [found] = await tx.sql<AuthenticatorRow[]>`select * from authenticators where user_id = ${user.id}`
    if (!found?.offeredSecret) return refuse('not-found')
    const now = clock.now()
    const secret = await parts.factorSecrets.open(user.id, found.offeredSecret)
    const step = stepOf(secret, plain(body.code), now)
    if (step === null) {
      audit.count(request, { action: 'authenticator-added', subject: user.id, outcome: 'wrong-code' })
      return refuse('wrong-code', { field: 'code' })
    }
    // The code that confirms it signs nobody in.
    await tx.sql`
      update authenticators set secret = offered_secret, confirmed_at = ${now}, last_step = ${step},
        offered_secret = null, offered_at = null
      where user_id = ${user.id}`
    const { recoveryCodesLeft } = await factorsOf(tx.sql, user.id)
    if (recoveryCodesLeft === 0) await replaceCodes(tx, user.id, made, now)
    if (!row) await adoptSession(tx.sql, session, client, now)
    audit.write(tx, request, { action: 'authenticator-added', subject: user.id })
    tx.emit(UserSecured, user.id, toSecured(user, 'authenticator-added', now))
    const proved = { ...session, provedAt: now, hasSecondFactor: true }
    const recoveryCodes = recoveryCodesLeft === 0 ? [...made.codes] : []
    return answer({ recoveryCodes }, { signIn: toSignIn(user, proved) })
  }, origin)
})

export const removeAuthenticator = command(removeEndpoint, async (tx, request, service: AuthService) => {
  const { session } = request
  const caller = await lockCaller(tx.sql, session)
  if (!caller) return refuse('not-signed-in')
  const { user } = caller
  const factors = await factorsOf(tx.sql, user.id)
  if (!factors.authenticator) return refuse('not-found')
  if (mustKeepLast(service, user, factors)) return refuse('last-factor')
  await tx.sql`delete from authenticators where user_id = ${user.id}`
  await dropCodesWithoutFactor(tx, user.id)
  service.audit.write(tx, request, { action: 'authenticator-removed', subject: user.id })
  tx.emit(UserSecured, user.id, toSecured(user, 'authenticator-removed', service.clock.now()))
  return answer(undefined)
})
