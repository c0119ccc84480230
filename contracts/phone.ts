// Phone numbers as people paste them, and the one form in which they are stored.

import { asciiDigits } from './digits.ts'

/**
 * What may stand between digits: spaces, hyphens, dots, slashes and brackets of any width, and invisible
 * characters.
 */
const between = '[\\s\\p{Cf}\\p{Pd}\\u2212./()\\[\\]·．／（）・]*'
const digit = '\\p{Nd}'

/** 5 to 20 digits, optionally after a plus. Matched in one pass: no character is both a digit and a separator. */
export const phonePattern = `^${between}([+＋]${between})?${digit}(${between}${digit}){4,19}${between}$`

/**
 * The digits in the groups in which they were typed, with single spaces: `+44 20 7946 0000`. Empty when there are
 * none.
 */
export function tidyPhone(typed: string): string {
  const text = asciiDigits(typed.normalize('NFKC').replaceAll(/\p{Cf}/gu, ''))
  const plus = text.includes('+') ? '+' : ''
  // The zero in brackets is dialled within the country only.
  const groups = (plus ? text.replace(/\(\s*0\s*\)/, ' ') : text).match(/\d+/g) ?? []
  return `${groups.length > 0 ? plus : ''}${groups.join(' ')}`
}
