// Whether a form is readable text: every invalid byte would become U+FFFD, and be stored as such.

import { isUtf8 } from 'node:buffer'

/** Whether `body`, a form of content type `type`, is UTF-8, including its escapes. */
export function isUtf8Form(body: Buffer, type = ''): boolean {
  const isEscaped = /^application\/x-www-form-urlencoded/i.test(type)
  return isUtf8(isEscaped ? unescaped(body) : body)
}

const unescaped = (body: Buffer): Buffer =>
  Buffer.from(
    body
      .toString('latin1')
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
