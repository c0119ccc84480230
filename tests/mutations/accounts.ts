// Guards that protect accounts and sessions.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const accounts: Mutation[] = [
  {
    guard: 'replicas read revocations again',
    away: 'what they did not hear they never know',
    edits: [
      {
        file: 'kit/boot/start.ts',
        from: 'run: () => sessions.refresh().then(() => readRevocationsMs)',
        to: 'run: async () => readRevocationsMs',
      },
    ],
    seenBy: ['services/auth/sessions'],
  },
  {
    guard: 'an ended session is refused',
    away: 'its tokens are looked at alone',
    edits: [{ file: 'kit/http/session.ts', from: ' || endedUntil.has(session.id)', to: '' }],
    seenBy: ['kit/http/session', 'tests/journeys/accounts'],
  },
  {
    guard: 'no token is signed for an ended session',
    away: 'whether it has ended is not looked at',
    edits: [
      {
        file: 'services/auth/session-rows.ts',
        from: 'where id = ${id} and ended_at is null returning 1',
        to: 'where id = ${id} returning 1',
      },
    ],
    seenBy: ['services/auth/sessions'],
  },
  {
    guard: 'open streams end with their session',
    away: 'they are asked at the next heartbeat',
    edits: [{ file: 'kit/boot/serve.ts', from: 'sessions.onRevoked(streams.recheck)', to: '' }],
    seenBy: ['tests/journeys/accounts'],
  },
  {
    guard: 'a pause between guesses at a password',
    away: 'any number may be made at once',
    edits: [
      {
        file: 'services/auth/password-guesses.ts',
        from: 'where g.next_try_at <= ${now} or g.next_try_at > ${new Date(now.getTime() + longestPauseMs)}',
        to: '',
      },
    ],
    seenBy: ['services/auth/guessing'],
  },
  {
    guard: 'a device that is known has a count of its own',
    away: 'strangers count for everybody',
    edits: [{ file: 'services/auth/password-guesses.ts', from: "const who = device ?? ''", to: "const who = ''" }],
    seenBy: ['services/auth/guessing'],
  },
  {
    guard: 'accounts that an address may make in an hour',
    away: 'they are counted, and any number is made',
    edits: [
      {
        file: 'services/auth/counts.ts',
        from: 'where ${isOver} or c.count < ${most}',
        to: '',
      },
    ],
    seenBy: ['services/auth/guessing'],
  },
  {
    guard: 'a link from a mail works once',
    away: 'whether it was used is not looked at',
    edits: [
      { file: 'services/auth/links.ts', from: '      and used_at is null and expires_at', to: '      and expires_at' },
    ],
    seenBy: ['services/auth/contacts'],
  },
  {
    guard: 'a link from a mail ends',
    away: 'it works at any time',
    edits: [
      { file: 'services/auth/links.ts', from: 'used_at is null and expires_at > ${now}`', to: 'used_at is null`' },
    ],
    seenBy: ['services/auth/contacts'],
  },
  {
    guard: 'a link from a mail is for one purpose',
    away: 'it does whatever it is used for',
    edits: [
      {
        file: 'services/auth/links.ts',
        from: ' and purpose = any(${[...purposes]})\n      and used_at',
        to: '\n      and used_at',
      },
    ],
    seenBy: ['services/auth/contacts'],
  },
  {
    guard: 'the newest key of a user counts',
    away: 'the one that comes last',
    edits: [
      {
        file: 'services/auth/features/keep-contact-key.ts',
        from: '!known || known.version < version',
        to: '!known || known.publicKey.kid !== publicKey.kid',
      },
    ],
    seenBy: ['services/auth/contacts', 'tests/reactions'],
  },
  {
    guard: 'an account and money move only after a fresh proof',
    away: 'any session will do',
    edits: [
      {
        file: 'kit/http/add-route.ts',
        from: "    if (endpoint.fresh && !(session && isFresh(session, now()))) return refuse('proof-needed')\n",
        to: '    void isFresh\n',
      },
    ],
    seenBy: ['services/auth/address', 'tests/e2e/proving'],
  },
  {
    guard: 'a person reads their data only after a fresh proof',
    away: 'any session will do',
    edits: [{ file: 'contracts/api/personal-data.ts', from: '    fresh: true,\n', to: '' }],
    seenBy: ['tests/journeys/personal-data'],
  },
  {
    guard: 'an export tells nobody who has confirmed the address: links to set a password',
    away: 'each account with the address sees whether it gets them',
    edits: [
      {
        file: 'services/auth/holds.ts',
        from: "(l.purpose not in ('reset-password', 'known-address') or l.made_at >= u.email_confirmed_at)",
        to: 'true',
      },
    ],
    seenBy: ['tests/journeys/personal-data'],
  },
  {
    guard: 'an export tells nobody who has confirmed the address: mails',
    away: 'each account with the address sees its mails with links',
    edits: [{ file: 'services/notices/holds.ts', from: " and kind in ('known-address', 'undo-address')", to: '' }],
    seenBy: ['tests/journeys/personal-data'],
  },
  {
    guard: 'an export tells nobody who owns the address: wrong passwords',
    away: 'the account that owns it sees them',
    edits: [{ file: 'kit/boot/held.ts', from: " and not (actor is null and outcome = 'invalid-credentials')", to: '' }],
    seenBy: ['tests/journeys/personal-data'],
  },
  {
    guard: 'nobody sells before their email is confirmed',
    away: 'anyone does',
    edits: [{ file: 'services/tickets/features/list-ticket.ts', from: ', { before: refuseUnconfirmed })', to: ')' }],
    seenBy: ['tests/journeys/unconfirmed'],
  },
  {
    guard: 'a second ticket needs a confirmed email',
    away: 'it does not',
    edits: [
      {
        file: 'services/orders/holdings.ts',
        from: "if (mustConfirm && UNCONFIRMED_ADDRESSES === 'limited') return 'address-unconfirmed'",
        to: 'void [mustConfirm, UNCONFIRMED_ADDRESSES]',
      },
    ],
    seenBy: ['tests/journeys/unconfirmed'],
  },
  {
    guard: 'whoever confirms an address first owns it',
    away: 'the last one does',
    edits: [{ file: 'services/auth/confirmation.ts', from: '  if (owner?.emailConfirmedAt) return false\n', to: '' }],
    seenBy: ['services/auth/claims'],
  },
  {
    guard: 'an owner is told of sign-ups with the address a few times a day',
    away: 'each time',
    edits: [{ file: 'services/auth/links.ts', from: 'if (!(await countOnce(tx.sql, limit)))', to: 'void limit' }],
    seenBy: ['services/auth/claims'],
  },
  {
    guard: 'a failed sign-in costs the same with and without an account',
    away: 'nothing is hashed for an account that is not there',
    edits: [
      {
        file: 'services/auth/find-by-password.ts',
        from: 'await verify(ofClaimer ? undefined : claimer, { async wasRight() {} })',
        to: 'claimer && !ofClaimer ? await verify(claimer, { async wasRight() {} }) : null',
      },
    ],
    seenBy: ['services/auth/claims'],
  },
  {
    guard: 'the account that claims an address has a count of guesses of its own',
    away: 'its right password resets that of the owner',
    edits: [
      {
        file: 'services/auth/find-by-password.ts',
        from: 'knownDevices.know(device, claimer.id) : null',
        to: 'null : null',
      },
      { file: 'services/auth/find-by-password.ts', from: '{ async wasRight() {} })', to: 'ofOwner)' },
    ],
    seenBy: ['services/auth/claims'],
  },
  {
    guard: 'mails for new passwords are few for an address',
    away: 'any number is sent',
    edits: [
      { file: 'services/auth/features/reset-password.ts', from: 'if (!tooMany) await', to: 'void tooMany; await' },
    ],
    seenBy: ['services/auth/reset'],
  },
  {
    guard: 'asking for a new password writes the same for nobody',
    away: 'nothing is asked for where there is no account',
    edits: [
      {
        file: 'services/auth/features/reset-password.ts',
        from: 'if (!tooMany) await',
        to: 'if (!tooMany && user) await',
      },
    ],
    seenBy: ['services/auth/reset'],
  },
  {
    guard: 'a new password by a link ends every session',
    away: 'they go on',
    edits: [
      {
        file: 'services/auth/features/reset-password.ts',
        from: "    await announceRevocation(tx, sessions, reset, 'password-changed')\n",
        to: '    void [sessions, announceRevocation]\n',
      },
    ],
    seenBy: ['services/auth/reset'],
  },
  {
    guard: 'only a confirmed address may undo a change of address',
    away: 'any address that the account had',
    edits: [
      {
        file: 'services/auth/move-account.ts',
        from: 'if (user.emailConfirmedAt && normalizeEmail(user.email)',
        to: 'if (normalizeEmail(user.email)',
      },
    ],
    seenBy: ['services/auth/address'],
  },
  {
    guard: 'undoing a change of address leaves nobody another link',
    away: 'those of whoever moved the account still work',
    edits: [
      {
        file: 'services/auth/features/change-address.ts',
        from: "purposes: ['undo-address', 'change-address', 'confirm-address', 'reset-password'],",
        to: "purposes: ['reset-password'],",
      },
    ],
    seenBy: ['services/auth/address'],
  },
]
