// The address that a mail comes back to when it cannot be delivered: bounces+<notice>.<mac>@mail.example.org. It names
// the notice, and only we can make one. Mail servers may change the case of letters, so hexadecimal digits are used.

import { createHmac, timingSafeEqual } from 'node:crypto'

/** The forms of MAIL_RETURN: with what is added, the part before the @ stays under its 64 characters (RFC 5321). */
export const returnPattern = '^[a-z0-9](?:[a-z0-9._-]{0,15}[a-z0-9])?@[A-Za-z0-9.-]{1,180}$'
const macDigits = 12
const form = new RegExp(
  `^(?<base>[^+@]+)\\+(?<id>[0-9a-f]{32})\\.(?<mac>[0-9a-f]{${macDigits}})@(?<domain>[^@]+)$`,
  'i',
)

const macOf = (secret: string, digits: string) =>
  createHmac('sha256', secret).update(`return ${digits}`).digest('hex').slice(0, macDigits)

/** `base` is MAIL_RETURN, `noticeId` a UUID. */
export function returnAddress(secret: string, base: string, noticeId: string): string {
  const [local, domain] = base.split('@')
  const digits = noticeId.replaceAll('-', '')
  return `${local}+${digits}.${macOf(secret, digits)}@${domain}`
}

/** The notice that an address names; null if it is not one of ours. */
export function readReturnAddress(secret: string, base: string, address: string): string | null {
  const { base: local, id, mac, domain } = form.exec(address)?.groups ?? {}
  if (!local || !id || !mac || !domain) return null
  if (`${local}@${domain}`.toLowerCase() !== base.toLowerCase()) return null
  const digits = id.toLowerCase()
  if (!timingSafeEqual(Buffer.from(mac.toLowerCase()), Buffer.from(macOf(secret, digits)))) return null
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
