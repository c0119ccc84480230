// Guards that protect passkeys.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

const seenBy = ['services/auth/passkeys', 'services/auth/passkey-factor']
const guarded = (guard: string, away: string, file: string, from: string, to: string): Mutation => ({
  guard,
  away,
  edits: [{ file: `services/auth/${file}`, from, to }],
  seenBy,
})

export const passkeys: Mutation[] = [
  guarded(
    'a passkey works on this site only',
    'from any address that it says',
    'web-authn.ts',
    'expectedOrigin: origin,',
    "expectedOrigin: [origin, 'http://localhost:3001', 'https://elsewhere.test'],",
  ),
  guarded(
    'a passkey is of this site only',
    'of any site that it says',
    'web-authn.ts',
    'expectedRPID: id,',
    "expectedRPID: [id, 'elsewhere.test'],",
  ),
  guarded(
    'no page of another site may ask for a passkey',
    'what the browser says of frames is not read',
    'web-authn.ts',
    " && !crossOrigin ? Buffer.from(challenge, 'base64url') : null",
    " ? Buffer.from(challenge, 'base64url') : void crossOrigin ?? null",
  ),
  guarded(
    'a passkey signs only for a user whom it has verified',
    'for whoever touches it',
    'web-authn.ts',
    'requireUserVerification: true',
    'requireUserVerification: false',
  ),
  guarded(
    'the certificates of an authenticator are not looked at',
    'they are checked, and what they name is fetched',
    'web-authn.ts',
    'attestationObject: withoutAttestation(attestationObject) }',
    'attestationObject: attestationObject ?? withoutAttestation(attestationObject) }',
  ),
  guarded(
    'the signature of a passkey is checked',
    'its form is enough',
    'web-authn.ts',
    '  if (!signed?.verified) return null\n',
    '  if (!signed) return null\n',
  ),
  guarded(
    'the copy of a passkey is refused by its counter',
    'the counter is not looked at',
    'web-authn.ts',
    '(known > 0 || counter > 0) && counter <= known',
    'known > 2 ** 32 && counter <= known',
  ),
  guarded(
    'a challenge of a passkey counts once',
    'it stays',
    'passkey-challenges.ts',
    '    delete from passkey_challenges\n',
    '    update passkey_challenges set purpose = purpose\n',
  ),
  guarded(
    'a challenge of a passkey ends after five minutes',
    'it stays until it is forgotten',
    'passkey-challenges.ts',
    ' and expires_at > ${now}\n',
    " and ${now}::timestamptz > '2000-01-01'\n",
  ),
  guarded(
    'a challenge of a passkey is for one purpose',
    'for any',
    'passkey-challenges.ts',
    'and purpose = ${asking.purpose} and',
    'and ${asking.purpose}::text is not null and',
  ),
  guarded(
    'a challenge of a passkey is one user’s',
    'anybody’s',
    'passkey-challenges.ts',
    'and user_id is not distinct from ${userOf(asking)}::uuid',
    'and (user_id is null or ${userOf(asking)}::uuid is not null)',
  ),
  guarded(
    'a passkey is used under the lock of its user',
    'the user is read without a lock',
    'passkeys.ts',
    'const user = await lockUser(tx.sql, owner.userId)',
    'const [user] = await tx.sql<UserRow[]>`select * from users where id = ${owner.userId}`; void lockUser',
  ),
  guarded(
    'a credential is of one account',
    'a second account takes it over',
    'features/add-passkey.ts',
    'do nothing returning *',
    'do update set user_id = excluded.user_id returning *',
  ),
  guarded(
    'an account has ten passkeys at most, under its lock',
    'the number is looked at beforehand alone',
    'features/add-passkey.ts',
    '    if ((await passkeysOf(tx.sql, user.id)).length >= mostPasskeys)',
    '    if ((await passkeysOf(tx.sql, user.id)).length > mostPasskeys)',
  ),
  guarded(
    'a banned user cannot sign in by a passkey',
    'the ban is not looked at',
    'features/sign-in-by-passkey.ts',
    '    if (user.bannedAt) {',
    '    if (user.bannedAt && user.version < 0) {',
  ),
  guarded(
    'a user changes and removes their own passkeys alone',
    'those of others as well',
    'features/edit-passkey.ts',
    'where id = ${params.id} and user_id = ${session.userId} returning *',
    'where id = ${params.id} and ${session.userId}::uuid is not null returning *',
  ),
  guarded(
    'an admin keeps the last passkey where a second factor is required',
    'it can be removed',
    'features/edit-passkey.ts',
    "  if (mustKeepLast(service, user, factors)) return refuse('last-factor')\n",
    '  void mustKeepLast\n',
  ),
]
