// Embeds people's text in other text. A name in another direction would reorder the text beside it, also in a
// document's title, where <bdi> is not available.

/** Letters of right-to-left scripts. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const [firstStrongIsolate, popDirectionalIsolate] = ['\u2068', '\u2069']

/**
 * Removes controls that would reorder the text around it. The API refuses them in single-line text, but older
 * text may contain them.
 */
export const unturned = (text: string): string => text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')

/** The text as part of a sentence: isolated if its direction may differ. */
export function isolated(text: string): string {
  const plain = unturned(text)
  return rightToLeft.test(plain) ? `${firstStrongIsolate}${plain}${popDirectionalIsolate}` : plain
}
