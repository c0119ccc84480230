// What counts as an email address, and when two addresses are the same. Browsers run it as well: it uses nothing of
// Node.

/**
 * The characters that an address may have: no white space, nothing invisible or unassigned, and none of the
 * characters that only a quoted address may have.
 */
const atom = '[^\\s\\p{C}\\p{Z}@<>(),;:"\\[\\]\\\\.]'
/** Letters and digits of any script, with hyphens inside; at most 63. */
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}\\-]{0,61}[\\p{L}\\p{M}\\p{N}])?'

/** The form of an address, with optional white space around it, for a regular expression with the flag `u`. */
export const emailPattern = `^\\s*(?=[^@]{1,64}@)${atom}+(?:\\.${atom}+)*@${label}(?:\\.${label})+\\s*$`

const longestAddress = 254
const asciiName = /^(?=.*[a-z][^.]*$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/
/** Any other character would be read as another part of a URL. */
const nameOnly = /^[\p{L}\p{M}\p{N}\p{Cf}.-]+$/u

/**
 * The domain in the form in which DNS looks it up (UTS 46: `bücher.example` is `xn--bcher-kva.example`), or null
 * when there is no such form.
 */
function asciiDomain(domain: string): string | null {
  if (!nameOnly.test(domain) || !URL.canParse(`http://${domain}`)) return null
  const { hostname } = new URL(`http://${domain}`)
  return asciiName.test(hostname) ? hostname : null
}

/** The address without white space around it, in lower case and with composed letters. */
export const tidyEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase().normalize('NFC')

/**
 * The single form of all spellings of an address: its domain in ASCII, all in lower case, with composed letters.
 * Null when no domain can have that name, or the address is longer than 254 characters.
 */
export function normalizeAddress(email: string): string | null {
  const tidy = tidyEmail(email)
  const at = tidy.lastIndexOf('@')
  const domain = asciiDomain(tidy.slice(at + 1))
  if (at < 1 || domain === null) return null
  const address = `${tidy.slice(0, at)}@${domain}`
  return address.length > longestAddress ? null : address
}
