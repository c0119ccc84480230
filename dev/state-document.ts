// docs/states.md: what can become of a ticket, an order and a payment, from the functions and tables that decide it.

import { orderMoves } from '@aisle/orders/states'
import { paymentMoves, verdicts } from '@aisle/payments/states'
import { ticketMoves } from '@aisle/tickets/states'
import { table } from './message-document.ts'

type Move = { from: string; to: string; by: string }

/** The document as it is kept in the repository. */
export const statesText = (): string => `# States

\`npm run asyncapi\` draws this page. It calls the functions that decide, with every action in every status, and shows
what they answer.

## A ticket

From \`moves\` in \`services/tickets/ticket.ts\`; the statements of the service take their statuses from it.

${diagram('listed', ticketMoves)}
## An order

From \`decide\` in \`services/orders/order.ts\`. An action without an arrow from a status does not change it.

${diagram('created', orderMoves)}
## A payment

From \`next\` in \`services/payments/payment.ts\`.

${diagram('created', paymentMoves)}
## What the provider's state means

From \`judge\` in \`services/payments/stripe/judge.ts\`: our status of a payment in the first column, the provider's
above the others. A cell has the moves of our payment, what we then ask of the provider, and whether an operator is
alarmed. Where it depends on the order, there is a line for each case: the order still *waits* to be paid, it has
*accepted* this payment, or it is *lost*, which means that it has ended or has accepted another payment. Besides, an
authorisation of another amount or currency than the order's, and a second authorisation of one order, are voided with
an alarm in every row.

${judgeTable()}`

/** A state diagram of Mermaid, with one arrow for all actions that lead from one status to another. */
function diagram(first: string, moves: readonly Move[]): string {
  const statuses = new Set([first, ...moves.flatMap(({ from, to }) => [from, to])])
  const arrows = Map.groupBy(moves, ({ from, to }) => `${idOf(from)} --> ${idOf(to)}`)
  const lines = [
    'stateDiagram-v2',
    ...[...statuses].filter((status) => idOf(status) !== status).map((one) => `state "${one}" as ${idOf(one)}`),
    `[*] --> ${idOf(first)}`,
    ...[...arrows].map(([arrow, by]) => `${arrow}: ${by.map((move) => move.by).join('<br>')}`),
  ]
  return `\`\`\`mermaid\n${lines.join('\n    ')}\n\`\`\`\n`
}

/** A name that Mermaid allows. */
const idOf = (status: string) => status.replaceAll(/\W/g, '_')

function judgeTable(): string {
  const columns = [...new Set(verdicts.map(({ theirs }) => theirs))]
  const rows = [...Map.groupBy(verdicts, ({ ours }) => ours)].map(([ours, row]) => [
    `\`${ours}\``,
    ...columns.map((column) => cellOf(row.filter(({ theirs }) => theirs === column))),
  ])
  return table(['ours', ...columns], rows)
}

function cellOf(cases: typeof verdicts): string {
  const said = cases.map(({ order, verdict: { moves, ask, alarm } }) => ({
    order,
    words: [...moves, ...(ask ? [`ask for ${ask}`] : []), ...(alarm ? ['**alarm**'] : [])].join(', ') || '–',
  }))
  const [first, ...others] = said
  if (others.every(({ words }) => words === first?.words)) return first?.words ?? ''
  return said.map(({ order, words }) => `*${order}:* ${words}`).join('<br>')
}
