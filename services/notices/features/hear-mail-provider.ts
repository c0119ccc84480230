// The webhook of the mail provider: mails that bounced, and complaints. We check its signature and note what it says;
// the effect is durable work (mail/come-back.ts). An address that we have written nothing to is nobody's: nothing
// follows. Guarded by work_pkey: a repeated event is one row.

import { createHash } from 'node:crypto'
import { hearMailProvider as endpoint } from '@aisle/contracts/api/notices'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import { addressMac } from '../address-mac.ts'
import type { NoticesService } from '../context.ts'
import { ComeBack } from '../mail/come-back.ts'
import { readMessageId } from '../mail/compose.ts'
import { withoutAddresses } from '../mail/report.ts'
import { type Heard, readEvent, verifyWebhook } from '../mail/webhook.ts'

const longestWhy = 300

// No transaction starts before the signature is checked: anyone can call this endpoint.
export const hearMailProvider = procedure(endpoint, async (request, service: NoticesService) => {
  const { body, headers, now, origin } = request
  const { db, config, parts, audit, log } = service
  if (config.MAIL_WEBHOOK_SECRETS === undefined) return refuse('not-found')
  const id = verifyWebhook(headers, body, config.MAIL_WEBHOOK_SECRETS, now)
  if (id === null) {
    parts.meters.badSignatures.inc()
    audit.count(request, { action: 'webhook', outcome: 'bad-signature' })
    log.warn('a webhook was refused: its signature is wrong or too old')
    return refuse('bad-signature')
  }
  const heard = readEvent(body)
  if (heard === undefined) return refuse('invalid', { message: 'is signed, but is not an event about a mail' })
  if (heard !== null) {
    const why = withoutAddresses(heard.why).slice(0, longestWhy)
    const data = { outcome: heard.outcome, isDead: heard.outcome === 'hard', why }
    await db.tx(async (tx) => {
      for (const mail of mailsOf(heard, config)) {
        const subject = mail.noticeId ?? mail.addressMac
        // Ids of providers may contain anything.
        const key = createHash('sha256')
          .update(JSON.stringify([id, subject]))
          .digest('hex')
        await tx.later(ComeBack, key, { ...mail, ...data }, { subject })
      }
    }, origin)
  }
  return answer({ received: true as const })
})

type Mail = { noticeId: string; addressMac: null } | { noticeId: null; addressMac: string }

/** The mail by its Message-ID where that is ours; else the newest to each address. */
function mailsOf({ messageIds, to }: Heard, config: NoticesService['config']): Mail[] {
  for (const messageId of messageIds) {
    const noticeId = readMessageId(messageId, config.MAIL_FROM)
    if (noticeId !== null) return [{ noticeId, addressMac: null }]
  }
  const macs = new Set(to.map((one) => addressMac(config.MAIL_SECRET, bare(one)).toString('hex')))
  return [...macs].map((mac) => ({ noticeId: null, addressMac: mac }))
}

/** `Jonas <jonas@example.org>` or the address alone. */
const bare = (recipient: string) => /<([^<>]+)>\s*$/.exec(recipient)?.[1] ?? recipient.trim()
