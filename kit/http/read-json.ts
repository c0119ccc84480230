// Parses a body from bytes. Bytes that are not UTF-8 are refused: otherwise each wrong byte would be stored as
// U+FFFD, and the original would be lost.

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Fault = 'NOT_UTF8' | 'MALFORMED_JSON'

/**
 * The value in `bytes`, or undefined where there are none. A byte order mark before it is ignored (RFC 8259, 8.1).
 */
export function readJson(bytes: Uint8Array): { ok: true; value: unknown } | { ok: false; fault: Fault } {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { ok: false, fault: 'NOT_UTF8' }
  }
  if (text === '') return { ok: true, value: undefined }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, fault: 'MALFORMED_JSON' }
  }
}
