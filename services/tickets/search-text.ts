// Splits names into search words, both as they are written and as they are typed. One function handles both, so
// they match whatever the spelling: "AC/DC" is found by "ac/dc", "ac dc" and "acdc". PostgreSQL's own parser is
// not used: it sees a file name in "ac/dc" and a host in "r.e.m", and it splits Hindi at its vowels.
//
// A text consists of chunks separated by spaces. A chunk consists of its pieces, which are letters, marks and
// digits of one kind, and of the whole, which omits what stands between the pieces.

import { asciiDigits } from '@aisle/contracts/digits'

type Chunk = {
  pieces: readonly string[]
  /** The pieces as one word, if it differs from the only piece. */
  whole: string | null
  /** A piece is the word for "and", or stands for it. */
  joins: boolean
}

/** Only this many words of a query are looked up; more would not narrow it down. */
const mostWords = 8
/** Longer words are cut, in the index and in queries. */
const longestWord = 40
/** In a script without spaces a word may begin anywhere, so each suffix of a run is indexed, cut to this length. */
const longestSuffix = 8

const unspaced = String.raw`\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u')
/** A run of a script without spaces, of digits, or of other letters. */
const pieces = new RegExp(
  String.raw`(?:(?=[\p{L}\p{M}])[${unspaced}])+|\p{N}+|(?:(?![${unspaced}])[\p{L}\p{M}])+`,
  'gu',
)
const symbols = /[\p{P}\p{S}]+/gu
const isHan = /^\p{scx=Hani}/u
const initials = /^\p{L}$/u

/** Words for "and", including the "n" of rock'n'roll. */
const ands = ['and', 'und', 'n']

/** All words by which any of the texts is found, for `array_to_tsvector`. None contains a space. */
export function searchWords(...texts: (string | null)[]): string[] {
  const words = new Set<string>()
  for (const spelling of texts.flatMap((text) => spellings(text ?? ''))) {
    for (const chunk of chunksOf(spelling)) {
      for (const piece of chunk.pieces) for (const word of indexed(piece)) words.add(word)
      if (chunk.whole) words.add(cut(chunk.whole))
      if (chunk.joins) for (const word of ands) words.add(word)
    }
  }
  return [...words]
}

/** A part of what was typed: one of its alternatives must match, and of that each word, as the text of a `tsquery`. */
export type Term = readonly (readonly string[])[]

/**
 * What a person typed, in terms that must all match: every typed word must be the start of a word of the text. A
 * word of one letter would match too many and must match exactly. Empty if nothing that was typed can be looked up.
 */
export function searchTerms(typed: string): Term[] {
  const read = spellings(typed).map(chunksOf)
  const hasWords = read[0]!.some(({ pieces }) => pieces.some(isWord))
  let left = mostWords
  const terms: Term[] = []
  for (const [index, { pieces }] of read[0]!.entries()) {
    if (left === 0 || (hasWords && !pieces.some(isWord))) continue
    const most = left
    const alternatives = read.flatMap((chunks) => asked(chunks[index]!, most))
    terms.push([...new Map(alternatives.map((words) => [words.join(' '), words])).values()])
    left = Math.max(0, left - pieces.length)
  }
  return terms
}

/** What a person typed, as the text of a `tsquery`. Null if nothing that was typed can be looked up. */
export function searchQuery(typed: string): string | null {
  const terms = searchTerms(typed)
  return terms.length === 0 ? null : queryOf(terms)
}

/** These terms as the text of a `tsquery`. */
export const queryOf = (terms: readonly Term[]): string =>
  terms.map((term) => `(${term.map((words) => words.join(' & ')).join(' | ')})`).join(' & ')

/** Reading a ticket costs as much as this many entries of the index. */
const entriesPerRow = 15

/**
 * The `tsquery` by which the index finds everything that `terms` match, and perhaps more, at the least cost. For the
 * beginning of a word the index collects every ticket that has it, even if another word leaves a few of them. So of
 * each alternative only the rarest word is looked up, and no term that costs more than reading what it would leave
 * out. `counts`: how many of `sampled` tickets have each word.
 */
export function narrowest(terms: readonly Term[], counts: ReadonlyMap<string, number>, sampled: number): string {
  const countOf = (word: string) => Math.max(1, counts.get(word) ?? 0)
  const all = terms
    .map((term) => {
      const words = term.map((alternative) => alternative.reduce((a, b) => (countOf(b) < countOf(a) ? b : a)))
      return { words, count: words.reduce((sum, word) => sum + countOf(word), 0) }
    })
    .sort((a, b) => a.count - b.count)
  const rarest = all[0]!
  const isWorth = ({ count }: { count: number }) => count < entriesPerRow * rarest.count * (1 - count / sampled)
  return queryOf(all.filter((term) => term === rarest || isWorth(term)).map(({ words }) => words.map((word) => [word])))
}

/**
 * The form in which a city, or a part of a seat, is compared: its words, regardless of spelling. At most 100
 * characters, because it is an index key.
 */
export function wordsKey(text: string): string {
  const pieces = chunksOf(fold(text)).flatMap(({ pieces }) => pieces)
  const words = pieces.filter(isWord)
  return first(100, (words.length > 0 ? words : pieces).join(' '))
}

/** The alternatives for one chunk: its pieces, or the whole. */
function asked({ pieces, whole }: Chunk, most: number): string[][] {
  const words = pieces.slice(0, most).flatMap(windows).map(asTerm)
  if (!whole) return [words]
  // Initials must match completely: "r.e.m" is not the beginning of "remix".
  const isInitials = pieces.every((piece) => initials.test(piece))
  return [words, [isInitials ? quoted(cut(whole)) : asTerm(cut(whole))]]
}

function asTerm(word: string): string {
  const begins = isWord(word) && ([...word].length > 1 || isHan.test(word))
  return begins ? `${quoted(word)}:*` : quoted(word)
}

const quoted = (word: string) => `'${word.replaceAll(/['\\]/g, '$&$&')}'`

const isWord = (piece: string) => /^[\p{L}\p{M}\p{N}]/u.test(piece)

function indexed(piece: string): string[] {
  if (!isUnspaced.test(piece)) return [cut(piece)]
  const letters = lettersOf(piece)
  return letters.map((_, at) => suffix(letters, at))
}

/** A piece as it is looked up: a long run is found by the suffixes that cover it. */
function windows(piece: string): string[] {
  if (!isUnspaced.test(piece)) return [cut(piece)]
  const letters = lettersOf(piece)
  const last = Math.max(0, letters.length - longestSuffix)
  const found: string[] = []
  for (let at = 0; at < last; at += longestSuffix) found.push(suffix(letters, at))
  return [...found, suffix(letters, last)]
}

/** Letters with their marks, because no word begins with a mark. */
const lettersOf = (run: string): string[] => run.match(/\P{M}\p{M}*|^\p{M}+/gu)!
const suffix = (letters: readonly string[], at: number) => cut(letters.slice(at, at + longestSuffix).join(''))

function chunksOf(folded: string): Chunk[] {
  return folded.split(/\s+/u).flatMap((chunk): Chunk[] => {
    const found = chunk.match(pieces)
    // A chunk of only symbols, such as the band "!!!", is one word.
    if (!found)
      return (chunk.match(symbols) ?? []).map((sign) => ({ pieces: [cut(sign)], whole: null, joins: isAnd(sign) }))
    // Letters written as symbols: Ke$ha, P!nk.
    const whole = chunk
      .replaceAll(/\$(?=\p{L})|(?<=\p{L})\$/gu, 's')
      .replaceAll(/(?<=\p{L})!(?=\p{L})/gu, 'i')
      .match(pieces)!
      .join('')
    return [{ pieces: found, whole: whole === found[0] ? null : whole, joins: isAnd(chunk) || found.some(isAnd) }]
  })
}

const isAnd = (text: string) => /[&+]/.test(text) || ands.includes(text)
const first = (most: number, text: string) => [...text].slice(0, most).join('')
const cut = (word: string) => first(longestWord, word)

/**
 * The text without accents. If it has letters that are also written as two, a second spelling uses those: Köln
 * is Koln and Koeln.
 */
function spellings(text: string): string[] {
  const composed = text.normalize('NFC')
  const written = composed.replaceAll(/[äöüøå]/giu, (letter) => pairs[letter.toLowerCase()]!)
  return written === composed ? [fold(text)] : [fold(text), fold(written)]
}

const pairs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' }

/** Letters that NFKD does not decompose, and letters written in place of one another. */
const letters: Readonly<Record<string, string>> = {
  ...{
    ß: 'ss',
    æ: 'ae',
    œ: 'oe',
    ø: 'o',
    đ: 'd',
    ð: 'd',
    þ: 'th',
    ł: 'l',
    ħ: 'h',
    ı: 'i',
    ŋ: 'n',
    ŧ: 't',
    ə: 'e',
    ƒ: 'f',
  },
  ...{ ς: 'σ', ى: 'ي', ی: 'ي', ک: 'ك', ە: 'ه', ہ: 'ه', ھ: 'ه', ة: 'ه' },
}
const otherLetters = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu')

/**
 * Accents of Latin, Greek and Cyrillic letters, points of Arabic and Hebrew ones, and the stretching of Arabic
 * words.
 */
const accents = new RegExp(
  String.raw`[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f` +
    String.raw`\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7` +
    String.raw`\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]`,
  'gu',
)
/**
 * Accents typed as apostrophes, letters that are apostrophes, and the joiner inside Persian words. All act as
 * separators.
 */
const apostrophes = /[\u0060\u00a8\u00b4\u02b9-\u02df\u200c\u2032\ua78c]/gu
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Lower case without accents and ligatures, for letters of every script; digits of every script become 0 to 9.
 * Everything else stays.
 */
function fold(text: string): string {
  return asciiDigits(
    text
      // 9¾ is 9 3/4, and not 93/4.
      .replaceAll(/(?<=\p{Nd})(?=[¼-¾⅐-⅞])/gu, ' ')
      .replaceAll(apostrophes, "'")
      .replaceAll(invisible, '')
      .normalize('NFKD')
      .replaceAll(accents, '')
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(otherLetters, (letter) => letters[letter]!),
  )
}
