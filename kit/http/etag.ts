// Conditional requests (RFC 9110, 13): an answer has a tag, and a caller names the tag that it has seen.

import { createHash } from 'node:crypto'

/** The ETag of an answer about something at `version`. It changes whenever anything in the answer does. */
export function tagOf(version: number, body: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 12)
  return `"${version}-${hash}"`
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []

/**
 * Whether If-Match, a list of tags or `*`, names `tag`; a weak one never does. A caller that knows only the version
 * may name that in quotes.
 */
export function isMatched(ifMatch: string, tag: string): boolean {
  const version = `${tag.split('-', 1)[0]}"`
  return ifMatch.trim() === '*' || tags(ifMatch).some((one) => one === tag || one === version)
}

/** Whether If-None-Match, a list of tags or `*`, names `tag`: the caller has the answer already. Weak tags count. */
export function isKnown(ifNoneMatch: string, tag: string): boolean {
  const bare = (one: string) => one.replace(/^W\//, '')
  return ifNoneMatch.trim() === '*' || tags(ifNoneMatch).some((one) => bare(one) === bare(tag))
}
