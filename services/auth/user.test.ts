import { property, assert as prove, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeEmail, tidyName, toSignIn, toState, toUser, type UserRow } from './user.ts'

const nameless: UserRow = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  version: 3,
  email: 'Ann@Example.com',
  emailNormalized: 'ann@example.com',
  emailClaimed: null,
  name: null,
  phone: null,
  role: 'user',
  passwordHash: '$argon2id$',
  bannedAt: null,
  banReason: null,
  createdAt: new Date('2026-05-01T12:00:00Z'),
  sessionsRevokedBefore: null,
  language: 'de',
  emailConfirmedAt: null,
  erasedAt: null,
}

describe('S3 an email', () => {
  it('is the same account in any letter case, Unicode composition and with blanks around it', () => {
    for (const same of ['ann@example.com', ' ANN@Example.COM\t', 'Ann@example.com'])
      expect(normalizeEmail(same)).toBe('ann@example.com')
    expect(normalizeEmail('JOSE\u0301@x.org')).toBe(normalizeEmail('jos\u00e9@x.org'))
  })

  it('is another account with another address', () => {
    expect(normalizeEmail('ann+tickets@example.com')).not.toBe(normalizeEmail('ann@example.com'))
  })

  it('is the same account however its domain is spelt', () => {
    for (const same of ['m@bücher.example', 'M@BÜCHER.example', 'm@bu\u0308cher.example', ' m@ＢÜCHER.example'])
      expect(normalizeEmail(same)).toBe('m@xn--bcher-kva.example')
    expect(normalizeEmail('m@xn--bcher-kva.example')).toBe('m@xn--bcher-kva.example')
  })

  it('from before, with what nobody could sign up with today, is the account without what cannot be seen', () => {
    expect(normalizeEmail('a@example.com\u200b')).toBe('a@example.com')
    expect(normalizeEmail('a\u200b@example.com')).toBe('a\u200b@example.com')
    expect(normalizeEmail('a@b/c.d')).toBe('a@b/c.d')
  })

  it('that is normalised stays as it is', () => {
    prove(
      property(string({ unit: 'grapheme', maxLength: 40 }), (email) => {
        expect(normalizeEmail(normalizeEmail(email))).toBe(normalizeEmail(email))
      }),
    )
  })
})

describe('a user without a name', () => {
  it('is shown to others under a neutral one, never under the email', () => {
    expect(toState(nameless)).toEqual({
      id: nameless.id,
      version: 3,
      name: 'Aisle member',
      banned: false,
      confirmed: false,
    })
    const sessionId = '01890a5d-ac96-774b-bcce-b302099a8058'
    const [authenticatedAt, provedAt] = [new Date('2026-05-01T12:00:00.123Z'), new Date('2026-05-01T12:20:00.000Z')]
    expect(toSignIn(nameless, { id: sessionId, authenticatedAt, provedAt, hasSecondFactor: true })).toEqual({
      sessionId,
      userId: nameless.id,
      role: 'user',
      name: 'Aisle member',
      authenticatedAt: '2026-05-01T12:00:00.123Z',
      provedAt: '2026-05-01T12:20:00.000Z',
      hasSecondFactor: true,
    })
  })

  it('has no name and no phone field, rather than null', () => {
    expect(toUser(nameless)).toEqual({
      id: nameless.id,
      email: 'Ann@Example.com',
      role: 'user',
      language: 'de',
      confirmed: false,
    })
  })
})

describe('a user', () => {
  it('sees their own name, phone and email and nothing internal', () => {
    const user = toUser({ ...nameless, name: 'Ann', phone: '+41 44 668 18 00', bannedAt: new Date() })
    expect(user).toEqual({
      id: nameless.id,
      email: 'Ann@Example.com',
      name: 'Ann',
      phone: '+41 44 668 18 00',
      role: 'user',
      language: 'de',
      confirmed: false,
    })
  })

  it('keeps the inner blanks of a name and loses the outer ones', () => {
    expect(tidyName('  Ann  Lee ')).toBe('Ann  Lee')
  })
})
