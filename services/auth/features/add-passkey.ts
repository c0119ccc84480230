// A user adds a passkey: the browser makes a key pair for this site, on a challenge that is theirs, and the public
// half is kept. From then on it signs them in. A credential belongs to one account: `passkeys_credential_id_key`. The
// lock of the user guards how many they may have.

import { addPasskey as endpoint, newPasskeyOptions as optionsEndpoint } from '@aisle/contracts/api/passkeys'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, command, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { nameDevice } from '../device.ts'
import { factorsOf } from '../factors.ts'
import { useChallenge } from '../passkey-challenges.ts'
import { creationOptions, mostPasskeys, type PasskeyRow, passkeysOf, toPasskey } from '../passkeys.ts'
import { makeCodes, replaceCodes } from '../recovery-codes.ts'
import { adoptSession, lockCaller } from '../session-rows.ts'
import { toSecured, toSignIn } from '../user.ts'
import { challengeOf, verifyNew } from '../web-authn.ts'

const nameless = 'Passkey'

export const newPasskeyOptions = command(optionsEndpoint, async (tx, request, service: AuthService) => {
  const caller = await lockCaller(tx.sql, request.session)
  if (!caller) return refuse('not-signed-in')
  const { user } = caller
  const known = await passkeysOf(tx.sql, user.id)
  if (known.length >= mostPasskeys) return refuse('too-many-passkeys')
  return answer(await creationOptions(tx.sql, service, user, known))
})

export const addPasskey = procedure(endpoint, async (request, service: AuthService) => {
  const { body, session, client, origin } = request
  const { config, db, clock, newId, audit } = service
  const challenge = challengeOf(body.passkey)
  const made = await verifyNew(config, body.passkey)
  const newCodes = await makeCodes()
  return db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user, row } = caller
    const now = clock.now()
    const invalid = (detail: string) => {
      audit.count(request, { action: 'passkey-added', subject: user.id, outcome: 'invalid-passkey', detail })
      return refuse('invalid-passkey')
    }
    const isAsked =
      challenge !== null && (await useChallenge(tx.sql, challenge, { purpose: 'register', userId: user.id }, now))
    if (!isAsked) return invalid('not asked for')
    if (!made) return invalid('not verified')
    if ((await passkeysOf(tx.sql, user.id)).length >= mostPasskeys) return refuse('too-many-passkeys')
    const { transports = [] } = body.passkey
    const device = nameDevice(client.userAgent)
    const [added] = await tx.sql<PasskeyRow[]>`
      insert into passkeys (id, user_id, credential_id, public_key, counter, transports, name, backed_up, made_at)
      values (${newId()}, ${user.id}, ${made.credentialId}, ${made.publicKey}, ${made.counter},
              ${transports}::text[], ${body.name?.trim() ?? device ?? nameless}, ${made.backedUp}, ${now})
      on conflict on constraint passkeys_credential_id_key do nothing returning *`
    if (!added) return invalid('known')
    const { recoveryCodesLeft } = await factorsOf(tx.sql, user.id)
    if (recoveryCodesLeft === 0) await replaceCodes(tx, user.id, newCodes, now)
    if (!row) await adoptSession(tx.sql, session, client, now)
    tx.emit(UserSecured, user.id, toSecured(user, 'passkey-added', now, device))
    audit.write(tx, request, { action: 'passkey-added', subject: added.id })
    // Whoever adds a factor has just shown that it is theirs.
    const recoveryCodes = recoveryCodesLeft === 0 ? [...newCodes.codes] : []
    const proved = { ...session, provedAt: now, hasSecondFactor: true }
    return answer({ ...toPasskey(added), recoveryCodes }, { signIn: toSignIn(user, proved) })
  }, origin)
})
