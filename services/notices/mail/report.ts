// A mail that came back: what its delivery report says (RFC 3464). Only a report with a readable status is one. An
// automatic answer, a person's reply, or anything else that is sent to a return address says nothing.

import PostalMime, { type Email } from 'postal-mime'

/**
 * What became of a mail, as a server elsewhere says: `hard`, it was refused for good; `soft`, not for now.
 * `isDead`: the address does not exist, or takes no mail at all.
 */
export type Report = {
  readonly outcome: 'hard' | 'soft'
  readonly isDead: boolean
  /** The status, and what the server said, without addresses. */
  readonly why: string
}

/** A report is small. What is larger carries the whole mail, and its headers still fit. */
const limits = { maxNestingDepth: 20, maxHeadersSize: 64 * 1024 }
const longestWhy = 300

/** Reads a raw mail; null if it is no report, or one that the mail was delivered. */
export async function readReport(raw: Uint8Array): Promise<Report | null> {
  const mail = await PostalMime.parse(raw, {
    ...limits,
    // A report that is quoted in another mail is none about this one.
    forceRfc822Attachments: true,
    attachmentEncoding: 'utf8',
  }).catch(() => null)
  if (!mail || !isReport(mail)) return null
  const part = mail.attachments.find(({ mimeType }) => /^message\/(global-)?delivery-status$/.test(mimeType))
  return part ? readStatus(String(part.content)) : null
}

const isReport = ({ headers }: Email) => {
  const type = headers.find(({ key }) => key === 'content-type')?.value ?? ''
  return /^\s*multipart\/report\s*;/i.test(type) && /;\s*report-type\s*=\s*"?delivery-status"?/i.test(type)
}

/** What the part of the machine says. With several recipients the mildest counts: the address reaches somebody. */
export function readStatus(part: string): Report | null {
  const recipients = part
    .replaceAll('\r\n', '\n')
    .replaceAll(/\n[ \t]+/g, ' ')
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((fields) => fields.has('final-recipient') || fields.has('status'))
  const statuses = recipients.map((fields) => readCode(fields.get('status') ?? ''))
  if (statuses.length === 0 || statuses.includes(null)) return null
  const all = statuses.map((status, at) => ({ ...status!, fields: recipients[at]! }))
  const { code, level, subject, fields } = all.reduce((mild, other) => (other.level < mild.level ? other : mild))
  if (level === 2) return null
  return {
    outcome: level === 5 ? 'hard' : 'soft',
    isDead: level === 5 && saysAboutAddress(subject),
    why: withoutAddresses(`${code} ${fields.get('diagnostic-code') ?? ''}`.trim()).slice(0, longestWhy),
  }
}

const fieldsOf = (group: string): Map<string, string> =>
  new Map(
    group.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Za-z-]+)[ \t]*:(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.trim()] as const]
    }),
  )

/** `5.1.1`, or `5.1.1 (no such user)`: RFC 3463. */
function readCode(status: string) {
  const [code, level, subject] = /^([245])\.(\d{1,3})\.\d{1,3}(?![.\d])/.exec(status) ?? []
  return code === undefined ? null : { code, level: Number(level), subject: Number(subject) }
}

/**
 * Whether a status is about the address (1), the mailbox (2), the way there (4), or says no more (0). The others are
 * about the mail or about us: a server that blocks us says 5.7.1 for every address that it has.
 */
const saysAboutAddress = (subject: number) => [0, 1, 2, 4].includes(subject)

/** What a server says often names the address, which no table should. */
export const withoutAddresses = (text: string): string =>
  text.replaceAll(/(?:"[^"]*"|[^\s<>;:,"'()[\]]+)@(?:\[[^\]]*\]|[^\s<>;:,"'()[\]]+)/g, '…')
