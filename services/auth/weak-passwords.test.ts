import { describe, expect, it } from 'vitest'
import { readWeakPasswords } from './weak-passwords.ts'

const isWeak = readWeakPasswords()
const ann = { email: 'ann.lindqvist@concerts.example', name: 'Ann-Sofie Lindqvist', phone: '+46 8 123 456 78' }

describe('a password', () => {
  it.each(['password', '12345678', 'iloveyou', 'trustno1', 'Football', 'P@ssw0rd', 'QWERTYUIOP', 'ｐａｓｓｗｏｒｄ'])(
    'that is common is weak: %s',
    (password) => expect(isWeak(password, ann)).toBe(true),
  )

  it.each([
    'ann.lindqvist@concerts.example',
    'annlindqvist',
    'LINDQVIST',
    'Lindqvist1985',
    'lindqvist-sofie!',
    'concerts2026',
    'annsofielindqvist',
    'lindqvis',
    '+46812345678',
    '08-123 456 78',
    '4681234567',
  ])('that is made of the person’s own words is weak: %s', (password) => expect(isWeak(password, ann)).toBe(true))

  it.each(['aisle123', 'aisle-tickets', 'Aisle2026!', 'ticketticket', 'aislepassword', 'marketplace1'])(
    'that is made of the site’s words is weak: %s',
    (password) => expect(isWeak(password, ann)).toBe(true),
  )

  it.each([
    'a good password',
    'correct horse battery',
    'demo-password',
    'demo-admin-password',
    'ann loves gouda cheese',
    'пароль密碼🙂',
    'x'.repeat(128),
    '48207319',
    'two tickets to paradise city',
  ])('that nobody guesses first is not: %s', (password) => expect(isWeak(password, ann)).toBe(false))

  it('is judged without a name and a phone as well', () => {
    expect(isWeak('sunshine', { email: 'x@y.example' })).toBe(true)
    expect(isWeak('ostracised', { email: 'x@y.example', name: null, phone: null })).toBe(false)
  })
})
