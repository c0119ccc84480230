import { describe, expect, it } from 'vitest'
import { emailPattern, normalizeAddress } from './email.ts'

const isAddress = (text: string) => new RegExp(emailPattern, 'u').test(text)

describe('an address', () => {
  it.each([
    'ann@example.com',
    '  Ann.Lee+tickets@sub.example.co.uk\t',
    'josé@bücher.example',
    'm@xn--bcher-kva.example',
    '用户@例子.公司',
    "o'neil!#$%&*/=?^_`{|}~-@example.com",
    `${'a'.repeat(64)}@example.com`,
    `a@${'b'.repeat(63)}.example`,
    '1@2.de',
  ])('can be %s', (text) => {
    expect(isAddress(text)).toBe(true)
    expect(normalizeAddress(text)).not.toBeNull()
  })

  it.each([
    ['nothing before the sign', '@example.com'],
    ['a dot first', '.a@example.com'],
    ['a dot last', 'a.@example.com'],
    ['two dots together', 'a..b@example.com'],
    ['a quoted part', '"a b"@example.com'],
    ['a blank inside', 'a b@example.com'],
    ['a no-break space inside', 'a\u00a0b@example.com'],
    ['an ideographic space in the domain', 'a@exam\u3000ple.com'],
    ['a zero-width space', 'a\u200b@example.com'],
    ['a zero-width space at the end', 'a@example.com\u200b'],
    ['a left-to-right mark', 'a\u200e@example.com'],
    ['a word joiner', 'a\u2060b@example.com'],
    ['a soft hyphen', 'a@exam\u00adple.com'],
    ['a character that is not assigned', 'a\u0378@example.com'],
    ['one for private use', 'a\ue000@example.com'],
    ['half of a pair', 'a\ud83d@example.com'],
    ['65 characters before the sign', `${'a'.repeat(65)}@example.com`],
    ['a label of 64', `a@${'b'.repeat(64)}.example`],
    ['a label that begins with a hyphen', 'a@-x.com'],
    ['a label that ends with a hyphen', 'a@x-.com'],
    ['an empty label', 'a@x..com'],
    ['a domain of one label', 'a@localhost'],
    ['an underscore in the domain', 'a@x_y.com'],
    ['two signs', 'a@b@example.com'],
  ])('cannot have %s', (_, text) => expect(isAddress(text)).toBe(false))

  it.each([
    ['an end of digits, as an IP address has', 'a@192.0.2.7'],
    ['a label that is too long once it is ASCII', `a@${'ü'.repeat(60)}.example`],
    ['more than 254 characters once its domain is ASCII', `a@${Array(12).fill('ü'.repeat(18)).join('.')}.example`],
    ['a name that cannot be converted', 'a@xn--.example'],
  ])('has no normal form with %s', (_, text) => expect(normalizeAddress(text)).toBeNull())
})

describe('the normal form', () => {
  it('is the same for all spellings of the domain, in letters or in ASCII', () => {
    for (const same of [
      'M@Bücher.Example',
      'm@xn--bcher-kva.example',
      'm@XN--BCHER-KVA.example',
      ' m@ＢÜＣＨＥＲ.example ',
    ])
      expect(normalizeAddress(same)).toBe('m@xn--bcher-kva.example')
    expect(normalizeAddress('m@faß.example')).toBe('m@xn--fa-hia.example')
  })

  it('of a normal form is itself', () => {
    for (const email of ['ann@example.com', 'josé@xn--bcher-kva.example', '用户@例子.公司'])
      expect(normalizeAddress(normalizeAddress(email)!)).toBe(normalizeAddress(email))
  })
})
