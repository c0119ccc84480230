// Text of people among other text. A name in another direction would reorder what stands beside it, in a document's
// title as well, where there is no <bdi>.

/** Letters of scripts that are read from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const [firstStrongIsolate, popDirectionalIsolate] = ['\u2068', '\u2069']

/** Without controls that would turn the text around it; the API takes none in a line, but may have some from before. */
export const unturned = (text: string): string => text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')

/** As a part of a sentence: in an isolate of its own where its direction may be another. */
export function isolated(text: string): string {
  const plain = unturned(text)
  return rightToLeft.test(plain) ? `${firstStrongIsolate}${plain}${popDirectionalIsolate}` : plain
}
