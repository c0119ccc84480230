import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { acceptedEncoding, compress } from './compress.ts'

it('a browser gets the best compression that it takes, and none that it does not', () => {
  expect(acceptedEncoding('gzip, deflate, br, zstd')).toBe('br')
  expect(acceptedEncoding('gzip;q=1.0, br;q=0')).toBe('gzip')
  expect(acceptedEncoding('identity')).toBeNull()
  expect(acceptedEncoding(undefined)).toBeNull()
})

it('what was compressed is the same afterwards', async () => {
  const page = Buffer.from('a page '.repeat(1000))
  expect(brotliDecompressSync(await compress(page, 'br'))).toEqual(page)
  expect(gunzipSync(await compress(page, 'gzip'))).toEqual(page)
})
