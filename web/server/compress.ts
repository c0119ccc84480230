// Negotiates the compression with the browser, and compresses pages on the fly.

import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Better ones first. */
const encodings = ['br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** The best supported encoding in an Accept-Encoding header; null if there is none. */
export function acceptedEncoding(header: string | undefined): Encoding | null {
  const named = new Map(
    (header ?? '').split(',').map((part) => {
      const [name = '', quality = '1'] = part
        .trim()
        .toLowerCase()
        .split(/;\s*q=/)
      return [name, Number(quality)]
    }),
  )
  return encodings.find((one) => (named.get(one) ?? 0) > 0) ?? null
}

/** Brotli's higher levels take ten times as long to save a tenth more. */
const brotliQuality = 4

export const compress = (body: Buffer, encoding: Encoding): Promise<Buffer> =>
  encoding === 'br'
    ? promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
    : promisify(gzip)(body)
