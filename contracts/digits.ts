const isDigit = /^\p{Nd}$/u

/** The text with the digits of every script as 0 to 9: ٣٥ becomes 35. */
export const asciiDigits = (text: string): string => text.replaceAll(/\p{Nd}/gu, digitOf)

/**
 * The ten digits of a script follow one another from its zero. The mathematical digits are five such runs in a row,
 * so they must have been normalised with NFKC before.
 */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0)!
  let value = 0
  while (value < 9 && isDigit.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}
