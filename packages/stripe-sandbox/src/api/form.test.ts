import { describe, expect, it } from 'vitest'
import { canonicalForm, FormError, parseForm } from './form.ts'

const plain = (text: string) => JSON.parse(JSON.stringify(parseForm(text)))

describe('a form body', () => {
  it.each([
    ['', {}],
    ['a=1&b=two+words', { a: '1', b: 'two words' }],
    ['metadata[order_id]=7&metadata[x]=%26', { metadata: { order_id: '7', x: '&' } }],
    ['metadata%5Border_id%5D=7', { metadata: { order_id: '7' } }],
    ['expand[]=a&expand[]=b', { expand: { 0: 'a', 1: 'b' } }],
    ['expand[0]=a&expand[1]=b', { expand: { 0: 'a', 1: 'b' } }],
    ['a[b][c]=1&a[b][d]=2', { a: { b: { c: '1', d: '2' } } }],
    ['a=1&a=2', { a: '2' }],
    ['a', { a: '' }],
    ['note=%F0%9F%8E%AB', { note: '🎫' }],
  ])('%s is read with its nesting', (text, expected) => {
    expect(plain(text)).toEqual(expected)
  })

  it.each(['a=%E0%A4%A', 'a[b=1', 'a]b[=1', 'a[b]c=1', 'a=1&a[b]=2', 'a[b]=2&a=1', `${'a[b]'.padEnd(40, '[c]')}=1`])(
    '%s is refused',
    (text) => {
      expect(() => parseForm(text)).toThrow(FormError)
    },
  )

  it('cannot reach the prototype of objects', () => {
    const tree = parseForm('__proto__[polluted]=1&constructor[prototype][polluted]=1&metadata[__proto__]=x')
    expect(Object.keys(tree)).toEqual(['__proto__', 'constructor', 'metadata'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('is bounded in the number of its parameters', () => {
    expect(() => parseForm('a=1&'.repeat(2000))).toThrow(/more than 1000 parameters/)
  })

  it('has the same canonical text whatever the order of its parameters, and only then', () => {
    expect(canonicalForm(parseForm('a=1&b[c]=2&b[d]=3'))).toBe(canonicalForm(parseForm('b[d]=3&a=1&b[c]=2')))
    expect(canonicalForm(parseForm('a=1'))).not.toBe(canonicalForm(parseForm('a=2')))
    expect(canonicalForm(parseForm('a[b]=1'))).not.toBe(canonicalForm(parseForm('a=b:1')))
  })
})
