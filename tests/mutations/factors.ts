// Guards that protect the second step of a sign-in.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const factors: Mutation[] = [
  {
    guard: 'the password of an account with a second factor signs nobody in',
    away: 'it does',
    edits: [
      {
        file: 'services/auth/features/sign-in.ts',
        from: 'if (methods.length === 0) return',
        to: 'if (methods.length >= 0) return',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a code of an app is accepted once',
    away: 'as long as it is shown',
    edits: [
      {
        file: 'services/auth/authenticator.ts',
        from: 'if (step === null || (row.lastStep !== null && step <= row.lastStep)) return false',
        to: 'if (step === null) return false',
      },
    ],
    seenBy: ['services/auth/second-factor', 'services/auth/factors'],
  },
  {
    guard: 'the code that confirms an app signs nobody in',
    away: 'its step is not kept',
    edits: [
      {
        file: 'services/auth/features/authenticator.ts',
        from: 'confirmed_at = ${now}, last_step = ${step},',
        to: 'confirmed_at = ${now}, last_step = null,',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a recovery code works once',
    away: 'as often as it is typed',
    edits: [
      {
        file: 'services/auth/recovery-codes.ts',
        from: 'and code_hash = ${codeHash} and used_at is null returning 1',
        to: 'and code_hash = ${codeHash} returning 1',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a second step is taken once',
    away: 'its challenge stays',
    edits: [
      {
        file: 'services/auth/features/sign-in-second.ts',
        from: '    await endStep(tx.sql, body.challenge)\n',
        to: '    void endStep\n',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a second step is read again under the lock of its user',
    away: 'as it was before',
    edits: [
      {
        file: 'services/auth/second-steps.ts',
        from: '  return found && (await lockUser(sql, found.id)) && findUserOfStep(sql, token, now)',
        to: '  return found && lockUser(sql, found.id)',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a second step ends',
    away: 'it waits for ever',
    edits: [
      {
        file: 'services/auth/second-steps.ts',
        from: '    where s.token_hash = ${hashToken(token)} and s.expires_at > ${now}`',
        to: '    where s.token_hash = ${hashToken(token)} and s.expires_at <> ${now}`',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a ban or a new password ends a second step',
    away: 'it can still be taken',
    edits: [
      {
        file: 'services/auth/second-steps.ts',
        from: 'user && !isRevoked({ authenticatedAt: user.stepAt }, user.sessionsRevokedBefore) ? user : undefined',
        to: '(void isRevoked, user)',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'the right password resets no count of wrong codes',
    away: 'the two are one',
    edits: [
      {
        file: 'services/auth/given-factor.ts',
        from: 'beginCodeGuess(service, userId,',
        to: 'beginGuess(service, (await service.db.sql<UserRow[]>`select * from users`).find(({ id }) => id === userId)!.email,',
      },
      {
        file: 'services/auth/given-factor.ts',
        from: 'import { beginCodeGuess }',
        to: 'import { beginGuess }',
      },
    ],
    seenBy: ['services/auth/second-factor'],
  },
  {
    guard: 'a user with a second factor proves with it',
    away: 'with the password',
    edits: [
      { file: 'services/auth/features/prove.ts', from: 'if (methods.length > 0) {', to: 'if (methods.length > 9) {' },
    ],
    seenBy: ['services/auth/factors'],
  },
  {
    guard: 'the secret of an app is sealed for its user',
    away: 'for anybody',
    edits: [
      {
        file: 'services/auth/factor-secrets.ts',
        from: 'protectedHeader.sub !== userId',
        to: 'userId === protectedHeader.kid',
      },
    ],
    seenBy: ['services/auth/factors'],
  },
  {
    guard: 'an answer with secrets is remembered encrypted',
    away: 'it is readable',
    edits: [
      {
        file: 'kit/http/add-route.ts',
        from: 'secret: endpoint.personal ? fingerprintSecret : null,',
        to: 'secret: null,',
      },
    ],
    seenBy: ['services/auth/factors', 'services/auth/second-factor', 'tests/addresses'],
  },
  {
    guard: 'an admin without the second factor that is needed is a user',
    away: 'an admin, where users and admins may do it',
    edits: [
      {
        file: 'kit/http/add-route.ts',
        from: 'adminsNeedSecondFactor && !session.hasSecondFactor ?',
        to: 'adminsNeedSecondFactor && !session.id ?',
      },
    ],
    seenBy: ['tests/journeys/second-factor'],
  },
  {
    guard: 'only an admin with the second factor that is needed may do what admins do',
    away: 'any admin',
    edits: [
      {
        file: 'kit/http/add-route.ts',
        from: "if (endpoint.who === 'admin' && adminsNeedSecondFactor && !session?.hasSecondFactor)",
        to: "if (endpoint.who === 'admin' && adminsNeedSecondFactor && !session)",
      },
    ],
    seenBy: ['tests/journeys/second-factor'],
  },
  {
    guard: 'an admin who needs a second factor keeps the last one',
    away: 'it can be removed',
    edits: [
      {
        file: 'services/auth/features/authenticator.ts',
        from: "  if (mustKeepLast(service, user, factors)) return refuse('last-factor')\n",
        to: '  void mustKeepLast\n',
      },
    ],
    seenBy: ['services/auth/factors', 'tests/journeys/second-factor'],
  },
  {
    guard: 'undoing a change of address removes factors of whoever made it',
    away: 'they stay, and the owner is locked out',
    edits: [
      {
        file: 'services/auth/features/change-address.ts',
        from: '  await removeFactors(tx, restored, now, new Date(link.madeAt.getTime() - beforeTheMoveMs))\n',
        to: '  void [removeFactors, beforeTheMoveMs]\n',
      },
    ],
    seenBy: ['services/auth/address'],
  },
  {
    guard: 'with a second factor, the password alone sets no other password',
    away: 'it does, in any session',
    edits: [
      {
        file: 'services/auth/features/edit-me.ts',
        from: "    if (change && hasFactor && !isFresh(session, clock.now())) return refuse('proof-needed')\n",
        to: '',
      },
      {
        file: 'services/auth/features/edit-me.ts',
        from: '  if (!isFresh(session, clock.now()) && (await methodsOf(db.sql, user.id)).length > 0) return refuse',
        to: '  if (!isFresh(session, clock.now()) && user.id === null) return refuse',
      },
    ],
    seenBy: ['services/auth/factors'],
  },
]
