// A form submitted after the session has ended waits in the browser until its sender has signed in. It is bound
// to its page, is used once, and does no more than the form itself: it is shown again or, for a ticket
// reservation, submitted again. Passwords are never kept.

import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { Rejected } from '../parts/rejection.tsx'
import { keepCookie, readCookie } from './cookies.server.ts'
import { type Context, visitOf } from './visit.server.ts'

const keptSeconds = 30 * 60
/** A browser accepts 4,096 bytes per cookie, and a server 16 kB of headers. */
const pieceLength = 3_600
const mostPieces = 3
const largestDraftBytes = 64 * 1024

type Values = Readonly<Record<string, string>>

const names = Array.from({ length: mostPieces }, (_, index) => `draft-${index}`)

/** Keeps the values of the form on this page. */
export function keepDraft(context: Context, values: Values): void {
  const { path } = visitOf(context)
  let kept = values
  let text = write(path, kept)
  // Everything the API accepts fits. A value that does not fit exceeds the API's limit and is left out.
  while (text.length > mostPieces * pieceLength) {
    kept = withoutLongest(kept)
    text = write(path, kept)
  }
  for (const [index, name] of names.entries()) {
    const piece = text.slice(index * pieceLength, (index + 1) * pieceLength)
    keepCookie(context, name, piece, piece === '' ? 0 : keptSeconds)
  }
}

/** The values kept for this page, which are then deleted; null if there are none. */
export function takeDraft(context: Context): Values | null {
  const pieces = names.map((name) => readCookie(context, name))
  if (!pieces[0]) return null
  const draft = read(pieces.join(''))
  if (draft && draft.path !== visitOf(context).path) return null
  for (const [index, name] of names.entries()) if (pieces[index]) keepCookie(context, name, '', 0)
  return draft?.values ?? null
}

/** The form as it was before its sender signed in. */
export function takeForm(context: Context): Rejected | undefined {
  const values = takeDraft(context)
  return values ? { values, code: 'resumed', faults: [] } : undefined
}

const write = (path: string, values: Values) =>
  brotliCompressSync(JSON.stringify({ path, values })).toString('base64url')

function withoutLongest(values: Values): Values {
  const byLength = Object.entries(values).sort(([, a], [, b]) => a.length - b.length)
  return Object.fromEntries(byLength.slice(0, -1))
}

/** The browser can change a cookie: anything that is not a draft is ignored. */
function read(text: string): { path: string; values: Values } | null {
  try {
    const bytes = brotliDecompressSync(Buffer.from(text, 'base64url'), { maxOutputLength: largestDraftBytes })
    const { path, values } = JSON.parse(bytes.toString()) as { path: unknown; values: unknown }
    if (typeof path !== 'string' || typeof values !== 'object' || values === null) return null
    const isText = Object.values(values).every((value) => typeof value === 'string')
    return isText ? { path, values: values as Values } : null
  } catch {
    return null
  }
}
