// Parses prices as people write and paste them.

import { asciiDigits } from '@aisle/contracts/digits'
import { minorDigits } from './money.ts'

/** Common names of a currency beside a sum, in lower case. */
const names: Readonly<Record<string, readonly string[]>> = {
  eur: ['€', 'eur', 'euro', 'euros'],
  usd: ['$', 'us$', 'usd', 'dollar', 'dollars'],
  gbp: ['£', 'gbp', 'pound', 'pounds', 'pfund'],
  chf: ['chf', 'fr', 'fr.', 'sfr', 'sfr.', 'franken', 'franc', 'francs', 'franchi'],
  cad: ['$', 'c$', 'ca$', 'can$', 'cad', 'dollar', 'dollars'],
  aud: ['$', 'a$', 'au$', 'aud', 'dollar', 'dollars'],
  jpy: ['¥', 'jp¥', 'jpy', 'yen', '円'],
  sek: ['kr', 'kr.', 'sek', 'krona', 'kronor', 'kronen'],
}

/** The name of a currency, the digits with the marks between them, a dash for no cents, and the name again. */
const written = /^([^\d+]*?) ?\+? ?(\d[\d .,']*?)(?:[.,:][-–—]{1,2})? ?([^\d]*)$/u

/**
 * The price in minor units: `12`, `12.50`, `12,5`, `1,234.50`, `1'234.50`, `€ 12.-`, `35 Euro`, `٣٥`. Null if
 * it is not a price, is finer than the currency, is in another currency, or could be two different sums. The
 * digits never become a fraction on the way: 19.99 * 100 is 1998.9999999999998.
 */
export function parseMoney(typed: string, currency: string): number | null {
  // Raised digits are often cents: 12⁵⁰ is not 1250.
  if (/\p{No}/u.test(typed)) return null
  const [, before, sum, after] = written.exec(plain(typed)) ?? []
  if (sum === undefined) return null
  const known = ['', currency, ...(names[currency] ?? [])]
  if (![before, after].every((name) => known.includes(name!.trim()))) return null
  return readSum(sum.trim(), minorDigits(currency))
}

/** Lower case, the digits 0 to 9, one kind of space and one of apostrophe. */
const plain = (typed: string): string =>
  asciiDigits(
    typed
      .replaceAll(/[’‘ʼ´\u0060′＇]/g, "'")
      .normalize('NFKC')
      .replaceAll(/\p{Cf}/gu, ''),
  )
    .replaceAll('٫', '.')
    .replaceAll('٬', "'")
    .replaceAll(/[،，]/g, ',')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()

function readSum(sum: string, digits: number): number | null {
  const marks = sum.replaceAll(/\d/g, '')
  const last = marks.at(-1) ?? ''
  const tail = sum.slice(sum.lastIndexOf(last) + 1)
  // The last mark is a decimal mark unless three digits follow it, or it was used before as a thousands mark.
  const isDecimal = /[.,]/.test(last) && tail.length !== 3 && marks.indexOf(last) === marks.length - 1
  const whole = isDecimal ? sum.slice(0, sum.lastIndexOf(last)) : sum
  if (!/^(\d+|[1-9]\d{0,2}([ .,']\d{3})+)$/.test(whole) || new Set(whole.replaceAll(/\d/g, '')).size > 1) return null
  // 9800.00 yen are 9800 yen.
  const fraction = isDecimal && !(digits === 0 && /^00?$/.test(tail)) ? tail : ''
  if (fraction.length > digits || (isDecimal && tail === '')) return null
  const minor = Number(whole.replaceAll(/\D/g, '') + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? minor : null
}
