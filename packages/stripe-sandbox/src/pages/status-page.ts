// GET /: recent payments, voids and refunds, open pages and sent webhooks, for a person who wonders where the
// play money went.

import type { FastifyInstance } from 'fastify'
import { displayAmount } from '../api/currencies.ts'
import type { Machine } from '../machine.ts'
import type { Delivery } from '../store/delivery-log.ts'
import type { Charge, Intent, Session } from '../store/records.ts'
import { everything, newest, type Table } from '../store/table.ts'
import { type Html, html } from './html.ts'
import { showPage } from './submit-page.ts'

const rowsShown = 50

/** Adds the status page. */
export function addStatusPage(pages: FastifyInstance, machine: Machine): void {
  pages.get('/', (_request, reply) => showPage(machine, reply, () => ({ status: 200, page: statusPage(machine) })))
}

function statusPage({ store, clock, webhooks, publicUrl }: Machine) {
  const intents = store.intents.list(everything, newest(rowsShown))
  const open = { status: 'open' }
  const sessions = store.sessions.list({ ...everything, where: open }, newest(rowsShown))
  const deliveries = store.deliveries.newest(rowsShown)
  return {
    title: 'Payments',
    main: html`<main class="books">
<h1>Payments</h1>
<p>Sandbox time: ${time(clock.now().getTime())}. Events go to ${webhooks.endpoint ? html`<code>${webhooks.endpoint.url}</code>` : 'nobody: no endpoint is registered'}${webhooks.mode !== 'deliver' && html`; new ones are set to <strong>${webhooks.mode}</strong>`}.</p>
<ul class="totals">${totals(store.totals())}</ul>
${table(
  'Last payments',
  'No payment yet.',
  ['Payment', 'Amount', 'What became of it', 'Metadata', 'When'],
  intents.map((intent) => paymentRow(intent, store.charges)),
  store.intents.count(),
)}
${table(
  'Open pages',
  'No page is open.',
  ['Page', 'Amount', 'What', 'Closes'],
  sessions.map((session) => sessionRow(session, publicUrl())),
  store.sessions.count(open),
)}
${table('Webhooks', 'No event was sent.', ['Event', 'About', 'Status', 'Attempts', 'Last attempt'], deliveries.map(deliveryRow), store.deliveries.countAll())}
</main>`,
  }
}

function totals(sums: { currency: string; captured: number; released: number; refunded: number }[]): Html[] {
  if (sums.length === 0) return [html`<li>Nothing was paid yet.</li>`]
  return sums.map(
    ({ currency, captured, released, refunded }) => html`<li><strong>${displayAmount(captured, currency)} paid</strong>
${displayAmount(released, currency)} voided, ${displayAmount(refunded, currency)} refunded</li>`,
  )
}

function table(title: string, none: string, heads: string[], rows: Html[], count: number): Html {
  const more = count - rows.length
  return html`<h2>${title}</h2>
${
  rows.length === 0
    ? html`<p class="hint">${none}</p>`
    : html`<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table>
<thead><tr>${heads.map((head) => html`<th scope="col"${head === 'Amount' && html` class="figure"`}>${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
${more > 0 && html`<p class="hint">And ${more.toLocaleString('en')} more, older ones.</p>`}`
}

function paymentRow(intent: Intent, charges: Table<Charge>): Html {
  const charge = intent.latestCharge === null ? undefined : charges.get(intent.latestCharge)
  return html`<tr><td><code>${intent.id}</code></td>
<td class="figure">${displayAmount(intent.amount, intent.currency)}</td>
<td>${story(intent, charge)}</td>
<td>${Object.values(intent.metadata).join(', ')}</td>
<td>${time(intent.created * 1000)}</td></tr>
`
}

function sessionRow(session: Session, publicUrl: string): Html {
  return html`<tr><td><a href="${publicUrl}/c/pay/${session.id}">Open</a></td>
<td class="figure">${displayAmount(session.amountTotal, session.currency)}</td>
<td>${session.lineItems.map(({ name }) => name).join(', ')}</td>
<td>${time(session.expiresAt * 1000)}</td></tr>
`
}

function deliveryRow(delivery: Delivery): Html {
  const answered = delivery.attempts === 0 ? '' : ` (${delivery.lastStatus ?? 'no answer'})`
  const tone = delivery.status === 'delivered' ? 'good' : delivery.attempts > 0 ? 'bad' : ''
  return html`<tr><td>${delivery.type}</td>
<td><code>${delivery.object}</code></td>
<td class="${tone}">${delivery.status}${answered}</td>
<td>${delivery.attempts}</td>
<td>${delivery.lastAt !== null && time(delivery.lastAt)}</td></tr>
`
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
      const paid = `paid ${displayAmount(intent.amountReceived, intent.currency)}`
      return charge && charge.amountRefunded > 0
        ? `${paid}, refunded ${displayAmount(charge.amountRefunded, intent.currency)}`
        : paid
    }
    default:
      return intent.status satisfies never
  }
}

function time(ms: number): Html {
  const iso = new Date(ms).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`
}
