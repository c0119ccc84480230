const isDigit = /^\p{Nd}$/u

/** The text with the digits of every script as 0 to 9: ٣٥ is 35. */
export const asciiDigits = (text: string): string => text.replaceAll(/\p{Nd}/gu, digitOf)

/**
 * Ten digits of a script follow one another from its zero; those of mathematics, five times ten, are NFKC's to
 * read.
 */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0)!
  let value = 0
  while (value < 9 && isDigit.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}
