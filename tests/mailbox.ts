// Reads the mails of a world, as a person would in their mailbox.

import type { MailboxEntry, MailboxMail } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import type { World } from './world.ts'

/** The mails to an address, newest first. */
export const mailsTo = (world: World, address: string) =>
  world
    .visitor()
    .expect<MailboxEntry[]>(200, 'GET', `/api/notices/mailbox?to=${encodeURIComponent(address.toLowerCase())}`)

/**
 * The secret of the newest link to `/page/...` that was mailed to an address, other than `not`. Waits until there is
 * one.
 */
export const secretFor = (world: World, address: string, page: string, not = ''): Promise<string> =>
  until(
    async () => {
      for (const { id } of await mailsTo(world, address)) {
        const { text } = await world.visitor().expect<MailboxMail>(200, 'GET', `/api/notices/mailbox/${id}`)
        const secret = new RegExp(`/${page}/([\\w-]+)`).exec(text)?.[1]
        if (secret && secret !== not) return secret
      }
      return ''
    },
    (secret) => secret !== '',
    `a mail to ${address} with a link to /${page}`,
  )
