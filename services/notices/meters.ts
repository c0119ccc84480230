// The metrics of notices; docs/runbook.md explains the alerts.

import type { ServiceMetrics } from '@aisle/kit/metrics'
import { Counter } from 'prom-client'

export type Meters = ReturnType<typeof createMeters>

export function createMeters({ registry }: ServiceMetrics) {
  const registers = [registry]
  return {
    mails: new Counter({
      name: 'mails_total',
      help: 'mails by what became of them: sent, bounced, given-up, suppressed or complained; one that is sent may bounce later',
      labelNames: ['outcome'],
      registers,
    }),
    badSignatures: new Counter({
      name: 'mail_bad_signatures_total',
      help: 'webhooks of the mail provider with an invalid signature',
      registers,
    }),
  }
}
