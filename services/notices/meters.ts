// The metrics of notices; docs/runbook.md explains the alerts.

import type { ServiceMetrics } from '@aisle/kit/metrics'
import { Counter } from 'prom-client'

export type Meters = ReturnType<typeof createMeters>

const outcomes = ['sent', 'bounced', 'given-up', 'suppressed', 'complained'] as const

export function createMeters({ registry }: ServiceMetrics) {
  const registers = [registry]
  const mails = new Counter<'outcome'>({
    name: 'mails_total',
    help: 'mails by what became of them; one that was sent may count as bounced or complained later',
    labelNames: ['outcome'],
    registers,
  })
  // Without its zero, the first of an outcome would be no increase.
  for (const outcome of outcomes) mails.inc({ outcome }, 0)
  return {
    mails,
    badSignatures: new Counter({
      name: 'mail_bad_signatures_total',
      help: 'webhooks of the mail provider with an invalid signature',
      registers,
    }),
  }
}
