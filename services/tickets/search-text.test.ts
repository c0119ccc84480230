import { describe, expect, it } from 'vitest'
import { narrowest, searchQuery, searchTerms, searchWords, wordsKey } from './search-text.ts'

describe('what a person types', () => {
  it('is words that begin words; one letter begins too much', () => {
    expect(searchQuery('Winter con')).toBe("('winter':*) & ('con':*)")
    expect(searchQuery('Vitamin C')).toBe("('vitamin':*) & ('c')")
  })

  it('cannot say anything but words', () => {
    expect(searchQuery("'; drop table tickets | ! & a")).toBe("('drop':*) & ('table':*) & ('tickets':*) & ('a')")
    expect(searchQuery(String.raw`\':*`)).toBe(String.raw`('\\'':*')`)
  })

  it('is eight words at most', () => {
    expect(searchQuery('one two six ten and more of a.b.c.d')?.split(' & ')).toHaveLength(8)
    expect(searchQuery('a.b.c.d.e.f.g.h.i.j')).toBe("('a' & 'b' & 'c' & 'd' & 'e' & 'f' & 'g' & 'h' | 'abcdefghij')")
  })

  it('that has nothing in it is no search', () => {
    for (const nothing of ['', '  ', '\u200b', '\u0301']) expect(searchQuery(nothing)).toBeNull()
  })
})

describe('what is indexed', () => {
  it('is bounded, whatever was written', () => {
    const longest = ['ﷺ', '㍿', '㌔', 'ﬃ', '👩‍👩‍👧', 'a.', 'x', '漢', 'ที่'].map((part) => part.repeat(200))
    for (const text of longest) {
      const words = searchWords(text)
      expect(words.length).toBeLessThan(1_000)
      for (const word of words) expect([...word].length).toBeLessThanOrEqual(40)
    }
  })

  it('has no space in a word, for words are stored with spaces between them', () => {
    for (let code = 1; code < 0x30000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const odd = searchWords(`a${String.fromCodePoint(code)}b`).filter((word) => word === '' || /\s/u.test(word))
      if (odd.length > 0) throw new Error(`U+${code.toString(16)} gives ${JSON.stringify(odd)}`)
    }
  })
})

it('digits of every script are the same digits', () => {
  const digits = Array.from({ length: 0x20000 }, (_, code) => String.fromCodePoint(code))
    .filter((letter) => /^\p{Nd}$/u.test(letter))
    .map((letter) => searchWords(letter).join())
  expect(digits.length).toBeGreaterThan(600)
  expect([...new Set(digits)].sort()).toEqual([...'0123456789'])
})

it('a city is the same city however it is written', () => {
  for (const city of ['Köln', ' KÖLN ', 'Ko\u0308ln', 'köln\u200b']) expect(wordsKey(city)).toBe('koln')
  expect(wordsKey('St. Gallen')).toBe(wordsKey('st gallen'))
  expect(wordsKey('Frankfurt/Main')).toBe(wordsKey('Frankfurt / Main'))
  expect(wordsKey('東京')).toBe('東京')
  expect([...wordsKey('ﷺ'.repeat(100))].length).toBeLessThanOrEqual(100)
})

describe('what is looked up in the index', () => {
  const lookedUp = (typed: string, counts: Record<string, number>) =>
    narrowest(searchTerms(typed), new Map(Object.entries(counts)), 500)

  it('is every word if all are about as frequent', () => {
    expect(lookedUp('vienna balcony', { "'vienna':*": 60, "'balcony':*": 125 })).toBe("('vienna':*) & ('balcony':*)")
  })

  it('is no word that nearly all have', () => {
    expect(lookedUp('ticket vienna', { "'ticket':*": 499, "'vienna':*": 60 })).toBe("('vienna':*)")
  })

  it('is no frequent word beside a rare one', () => {
    expect(lookedUp('balcony nobody', { "'balcony':*": 125 })).toBe("('nobody':*)")
    expect(lookedUp('row4711 vienna', { "'row':*": 500, "'vienna':*": 60 })).toBe("('4711':* | 'row4711':*)")
  })
})
