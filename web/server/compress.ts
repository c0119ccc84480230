// Which compression a browser takes, and compression of what is made while it waits.

import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** The better one first. */
const encodings = ['br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** The best of ours among what an Accept-Encoding header names; null for none. */
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

/** Brotli's higher levels take ten times as long for a tenth less. */
const brotliQuality = 4

export const compress = (body: Buffer, encoding: Encoding): Promise<Buffer> =>
  encoding === 'br'
    ? promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
    : promisify(gzip)(body)
