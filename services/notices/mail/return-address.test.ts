import { describe, expect, it } from 'vitest'
import { readReturnAddress, returnAddress, returnPattern } from './return-address.ts'

const secret = 'a secret of at least 32 characters'
const base = 'bounces@mail.aisle.test'
const noticeId = '01910000-0000-7000-8000-000000000901'
const address = returnAddress(secret, base, noticeId)

describe('a return address', () => {
  it('names its notice', () => {
    expect(address).toMatch(/^bounces\+01910000000070008000000000000901\.[0-9a-f]{12}@mail\.aisle\.test$/)
    expect(readReturnAddress(secret, base, address)).toBe(noticeId)
  })

  it('is known however its letters are written', () => {
    expect(readReturnAddress(secret, base, address.toUpperCase())).toBe(noticeId)
  })

  it('has at most 64 characters before the @, whatever MAIL_RETURN is', () => {
    const longest = 'abcdefghijklmnopq@mail.aisle.test'
    expect(longest).toMatch(new RegExp(returnPattern))
    expect(`a${longest}`).not.toMatch(new RegExp(returnPattern))
    expect(returnAddress(secret, longest, noticeId).indexOf('@')).toBeLessThanOrEqual(64)
  })

  it.each([
    ['of another notice', address.replace('901.', '902.')],
    ['with another mac', address.replace(/\.[0-9a-f]{12}@/, '.000000000000@')],
    ['without a mac', address.replace(/\.[0-9a-f]{12}@/, '@')],
    ['at another domain', address.replace('aisle.test', 'example.org')],
    ['before another name', address.replace('bounces+', 'other+')],
    ['with something behind it', `${address}@example.org`],
    ['made with another secret', returnAddress('another secret of 32 characters.', base, noticeId)],
    ['that is the base alone', base],
    ['that is empty', ''],
  ])('%s is not ours', (_, other) => {
    expect(readReturnAddress(secret, base, other)).toBeNull()
  })
})
