import { describe, expect, it } from 'vitest'
import { expiryOf, isDueForRenewal, isRevoked, momentAfter } from './session.ts'

const start = new Date('2026-05-01T12:00:00.000Z')
const after = (ms: number) => new Date(start.getTime() + ms)
const hour = 60 * 60 * 1000
const day = 24 * hour

describe('a session', () => {
  it('gets a fresh token after an hour, not before', () => {
    const session = { issuedAt: start, authenticatedAt: start }
    expect(isDueForRenewal(session, after(hour))).toBe(false)
    expect(isDueForRenewal(session, after(hour + 1))).toBe(true)
  })

  it('ends 30 days after the password was given, however often it was renewed', () => {
    const renewed = { issuedAt: after(29 * day), authenticatedAt: start }
    expect(isDueForRenewal(renewed, after(30 * day - 1))).toBe(true)
    expect(isDueForRenewal(renewed, after(30 * day))).toBe(false)
    expect(expiryOf(start, start)).toEqual(after(12 * hour))
    expect(expiryOf(start, after(30 * day - hour))).toEqual(after(30 * day))
  })
})

describe('S1 a revocation', () => {
  it('ends sessions whose password was given at that moment or before, and no others', () => {
    expect(isRevoked({ authenticatedAt: start }, null)).toBe(false)
    expect(isRevoked({ authenticatedAt: start }, start)).toBe(true)
    expect(isRevoked({ authenticatedAt: after(1) }, start)).toBe(false)
  })

  it('and the sign-in after it are ordered even in one millisecond or by a lagging clock', () => {
    expect(momentAfter(null, start)).toEqual(start)
    expect(momentAfter(start, after(5))).toEqual(after(5))
    let revokedBefore = momentAfter(null, start)
    for (const clock of [start, start, after(-50), after(-50)]) {
      const authenticatedAt = momentAfter(revokedBefore, clock)
      expect(isRevoked({ authenticatedAt }, revokedBefore)).toBe(false)
      revokedBefore = momentAfter(revokedBefore, clock)
      expect(isRevoked({ authenticatedAt }, revokedBefore)).toBe(true)
    }
  })
})
