// A body from bytes. What is no UTF-8 is refused: read on, each wrong byte would be stored as U+FFFD, and nobody could tell what was meant.

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Fault = 'NOT_UTF8' | 'MALFORMED_JSON'

/** The value in `bytes`, undefined where there are none. A byte order mark before it is passed over (RFC 8259, 8.1). */
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
