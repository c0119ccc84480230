// The audit logs of all services merged: newest first, page by page. Ids sort by time, so the last entry of a
// page is the cursor for every service.

import { auditEndpoint } from '@aisle/contracts/api/audit'
import { services } from '@aisle/contracts/endpoint'
import { AuditAction, type AuditEntry } from '@aisle/contracts/entities'
import { callApi, refusalPage } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

const shownAtOnce = 40

export type AuditPage = {
  entries: readonly (AuditEntry & { service: string })[]
  /** The last entry, if there are older ones. */
  next: string | null
  /** Services that did not answer. */
  silent: readonly string[]
}

/** The matching entries. `user` is an id; an invalid id matches nothing. */
export async function loadAudit(
  context: Context,
  { user, action, after }: { user: string; action: string; after: string },
): Promise<AuditPage> {
  const known = AuditAction.enum.find((one) => one === action)
  const query = {
    limit: shownAtOnce,
    ...(user ? { user } : {}),
    ...(known ? { action: known } : {}),
    ...(after ? { after } : {}),
  }
  const answers = await Promise.all(
    services.map(async (service) => {
      const answer = await callApi(context, auditEndpoint(service), { query }).catch(() => null)
      if (answer && !answer.ok && answer.problem.code !== 'invalid') throw refusalPage(context, answer)
      return { service, answer }
    }),
  )
  const found = answers
    .flatMap(({ service, answer }) => (answer?.ok ? answer.body.map((entry) => ({ ...entry, service })) : []))
    .sort((a, b) => (a.id < b.id ? 1 : -1))
  const entries = found.slice(0, shownAtOnce)
  const isMore = found.length > shownAtOnce || answers.some(({ answer }) => answer?.ok && answer.next)
  return {
    entries,
    next: isMore ? (entries.at(-1)?.id ?? null) : null,
    silent: answers.filter(({ answer }) => answer === null).map(({ service }) => service),
  }
}
