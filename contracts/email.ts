// What an email address is here, and when two of them are one. For browsers as well: nothing of Node.

/**
 * What an address may be made of: no blank, nothing invisible or unassigned, and none of the characters that only a
 * quoted address may have.
 */
const atom = '[^\\s\\p{C}\\p{Z}@<>(),;:"\\[\\]\\\\.]'
/** Letters and digits of any script, with hyphens inside; 63 at most. */
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}\\-]{0,61}[\\p{L}\\p{M}\\p{N}])?'

/** The form of an address, with blanks around it, for a regular expression with the flag `u`. */
export const emailPattern = `^\\s*(?=[^@]{1,64}@)${atom}+(?:\\.${atom}+)*@${label}(?:\\.${label})+\\s*$`

const longestAddress = 254
const asciiName = /^(?=.*[a-z][^.]*$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/
/** The rest would be taken for another part of an address of the web. */
const nameOnly = /^[\p{L}\p{M}\p{N}\p{Cf}.-]+$/u

/**
 * The domain in the form in which it is looked up (UTS 46: `bücher.example` is `xn--bcher-kva.example`), or null when
 * there can be none.
 */
function asciiDomain(domain: string): string | null {
  if (!nameOnly.test(domain) || !URL.canParse(`http://${domain}`)) return null
  const { hostname } = new URL(`http://${domain}`)
  return asciiName.test(hostname) ? hostname : null
}

/** The address without blanks around it, in lower case and with composed letters. */
export const tidyEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase().normalize('NFC')

/**
 * The one form of all spellings of an address: its domain in ASCII, all in lower case, with composed letters. Null when
 * no domain can have that name, or it is longer than 254 characters.
 */
export function normalizeAddress(email: string): string | null {
  const tidy = tidyEmail(email)
  const at = tidy.lastIndexOf('@')
  const domain = asciiDomain(tidy.slice(at + 1))
  if (at < 1 || domain === null) return null
  const address = `${tidy.slice(0, at)}@${domain}`
  return address.length > longestAddress ? null : address
}
