// An order from its first moment to its last: what orders says of it and what its money did, told as one story.

import { orderStory } from '@aisle/contracts/api/orders'
import { paymentStory } from '@aisle/contracts/api/payments'
import type { Step } from '@aisle/contracts/entities'
import { callApi, readApi } from '../api/call-api.server.ts'
import { type Moment, tellStory } from '../format/story.ts'
import { Head } from '../parts/head.tsx'
import { Notice } from '../parts/notice.tsx'
import { RecordLink, shortId } from '../parts/record.tsx'
import { useFormat, useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-order.ts'

export async function loader({ params, context }: Route.LoaderArgs) {
  const [story, money] = await Promise.all([
    readApi(context, orderStory, { params }),
    // Without payments there is still the order's own side.
    callApi(context, paymentStory, { query: { orderId: params.id } }).catch(() => null),
  ])
  return {
    order: story.body.order,
    steps: story.body.steps,
    money: money?.ok ? money.body : null,
  }
}

export default function AdminOrder({ loaderData: { order, steps, money } }: Route.ComponentProps) {
  const texts = useTexts()
  const format = useFormat()
  const { ticket, status, reason, buyerId, sellerId, expiresAt } = order
  const facts = [
    [texts.admin.status, `${texts.admin.orderStatus[status]}${reason ? ` (${reason})` : ''}`],
    [texts.order.total, format.money(ticket.price, ticket.currency)],
    [texts.admin.window, `${format.shortDate(expiresAt)}, ${format.timeWithZone(expiresAt)}`],
    [
      texts.admin.buyer,
      <RecordLink key="buyer" to={`/admin/users?q=${buyerId}`}>
        {shortId(buyerId)}
      </RecordLink>,
    ],
    [
      texts.admin.seller,
      <RecordLink key="seller" to={`/admin/users?q=${sellerId}`}>
        {shortId(sellerId)}
      </RecordLink>,
    ],
    [
      texts.admin.ticket,
      <RecordLink key="ticket" to={`/tickets/${ticket.id}`}>
        <bdi>{ticket.title}</bdi>
      </RecordLink>,
    ],
  ] as const
  return (
    <>
      <Head title={`${texts.admin.orders}, ${shortId(order.id)}`} />
      <h1 className="text-title">
        <bdi>{ticket.event?.name ?? ticket.title}</bdi>
      </h1>
      <p className="numbers mt-1 break-all text-small text-muted">
        {texts.order.number} {order.id}
      </p>
      <dl className="numbers my-6 grid grid-cols-2 gap-x-8 gap-y-3 sm:grid-cols-3">
        {facts.map(([label, fact]) => (
          <div key={label} className="min-w-0">
            <dt className="text-label text-muted">{label}</dt>
            <dd className="flex min-h-8 items-center">{fact}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="story">
        <h2 id="story" className="text-entry">
          {texts.admin.story}
        </h2>
        <p className="mt-1 mb-6 max-w-prose text-small text-muted">{texts.admin.storyHint}</p>
        {!money && (
          <div className="mb-6">
            <Notice look="warn" title={texts.admin.noMoney} />
          </div>
        )}
        <ol className="story">
          {tellStory(steps, money?.steps ?? []).map((moment) => (
            <Told key={moment.key} moment={moment} />
          ))}
        </ol>
      </section>
    </>
  )
}

function Told({ moment: { step, day, time } }: { moment: Moment }) {
  const texts = useTexts()
  const format = useFormat()
  const { kind, what, detail, amount, currency, at } = step
  return (
    <>
      {day && (
        <li className="story-day">
          <h3 className="text-small text-muted">{format.longDate(day)}</h3>
        </li>
      )}
      <li className={`story-step story-${kind}`}>
        <time className="numbers text-small text-muted" dateTime={at}>
          {time}
        </time>
        <div className="min-w-0">
          <p className="text-label text-muted">{texts.admin.step[kind]}</p>
          <p className="break-words font-semibold">
            {kind === 'order' ? statusOf(step, texts.admin.orderStatus) : what}
          </p>
          {detail && <p className="numbers break-words text-small text-muted">{detail}</p>}
        </div>
        {amount !== undefined && currency && (
          <p className="story-amount numbers font-display font-semibold">{format.money(amount, currency)}</p>
        )}
      </li>
    </>
  )
}

const statusOf = ({ what }: Step, words: Readonly<Record<string, string>>) => words[what] ?? what
