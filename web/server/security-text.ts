// /.well-known/security.txt (RFC 9116): the contact for reporting a vulnerability.

export const securityTextPath = '/.well-known/security.txt'

/** A reader must not trust it for longer than a year. */
const daysGood = 180
const dayMs = 86_400_000

/** `contact` is a mail or web address, with its scheme. Valid from the start of the day of `now`. */
export function securityText(contact: string, publicUrl: string, now: Date): string {
  const expires = new Date((Math.floor(now.getTime() / dayMs) + daysGood) * dayMs)
  return [
    `Contact: ${contact}`,
    `Expires: ${expires.toISOString().replace('.000', '')}`,
    'Preferred-Languages: en, de',
    `Canonical: ${new URL(publicUrl).origin}${securityTextPath}`,
    '',
  ].join('\n')
}
