// GET /: what was paid, voided and refunded lately, for a person who wonders where the play money went.

import type { FastifyInstance } from 'fastify'
import type { Machine } from './answer-request.ts'
import { formatAmount } from './currencies.ts'
import type { Charge, Intent } from './records.ts'

const rowsShown = 50

/** Adds the status page. */
export function addStatusPage(app: FastifyInstance, { store, clock }: Machine): void {
  app.get('/', (_request, reply) => {
    const newest = { after: 0, before: Number.MAX_SAFE_INTEGER, limit: rowsShown, ascending: false }
    const intents = store.intents.list({ where: {}, from: 0, to: Number.MAX_SAFE_INTEGER }, newest)
    const rows = intents.map((intent) =>
      row(intent, intent.latestCharge ? store.charges.get(intent.latestCharge) : undefined),
    )
    const totals = store
      .totals()
      .map(
        ({ currency, captured, released, refunded }) =>
          `<li>${money(captured, currency)} paid, ${money(released, currency)} voided, ${money(refunded, currency)} refunded</li>`,
      )
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Payment sandbox: no real money</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ccc }
.note { background: #fff3c4; color: #402d00; padding: .5rem 1rem }
</style></head>
<body>
<main>
<h1>Payment sandbox</h1>
<p class="note">This stands in for Stripe. No money moves here, and no real card may be typed.</p>
<p>Sandbox time: <time>${clock.now().toISOString()}</time></p>
<h2>In all</h2>
<ul>${totals.join('') || '<li>Nothing was paid yet.</li>'}</ul>
<h2>The last ${rowsShown} payments</h2>
<table>
<thead><tr><th scope="col">Payment</th><th scope="col">Amount</th><th scope="col">What became of it</th><th scope="col">Order</th><th scope="col">When</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table>
</main>
</body>
</html>
`)
  })
}

function row(intent: Intent, charge: Charge | undefined): string {
  const order = intent.metadata.order_id ?? intent.metadata.payment_id ?? ''
  const when = new Date(intent.created * 1000).toISOString()
  const cells = [
    intent.id,
    money(intent.amount, intent.currency),
    escapeHtml(story(intent, charge)),
    escapeHtml(order),
    when,
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function story(intent: Intent, charge: Charge | undefined): string {
  switch (intent.status) {
    case 'requires_payment_method':
      return intent.lastError
        ? `declined: ${intent.lastError.declineCode ?? intent.lastError.code}`
        : 'waits for a card'
    case 'requires_confirmation':
      return 'waits to be confirmed'
    case 'requires_action':
      return 'waits for 3-D Secure'
    case 'requires_capture':
      return 'authorised, not captured'
    case 'canceled':
      return charge?.status === 'succeeded' ? 'voided' : 'canceled'
    case 'succeeded': {
      const paid = `paid ${formatAmount(intent.amountReceived, intent.currency)}`
      return charge && charge.amountRefunded > 0
        ? `${paid}, refunded ${formatAmount(charge.amountRefunded, intent.currency)}`
        : paid
    }
    default:
      return intent.status satisfies never
  }
}

function money(minor: number, currency: string): string {
  return escapeHtml(formatAmount(minor, currency))
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
