// An order's whole story: the steps of the order and of its money in one list.

import { noticesOfOrder } from '@aisle/contracts/api/notices'
import { cancelAsAdmin, orderStory } from '@aisle/contracts/api/orders'
import { paymentStory } from '@aisle/contracts/api/payments'
import type { NoticeRecord, OrderRecord } from '@aisle/contracts/entities'
import { redirect } from 'react-router'
import { callApi, readApi } from '../api/call-api.server.ts'
import { takeForm } from '../api/draft.server.ts'
import { readForm, reject } from '../api/forms.server.ts'
import { sayNext, takeSaid } from '../api/say-next.server.ts'
import { type Moment, type StoryStep, tellStory } from '../format/story.ts'
import { Head } from '../parts/head.tsx'
import { keepTyped, unlessOffline } from '../parts/keep-typed.ts'
import { Notice } from '../parts/notice.tsx'
import { nameOfOrder, OrderNumber } from '../parts/order-number.tsx'
import { Reasoned } from '../parts/reasoned.tsx'
import { RecordLink, shortId } from '../parts/record.tsx'
import { type AdminTexts, useAdminTexts } from '../texts/admin.ts'
import { type NoticesTexts, useNoticesTexts } from '../texts/notices.ts'
import { useFormat } from '../texts/use-texts.tsx'
import type { Route } from './+types/admin-order.ts'

export async function loader({ params, context }: Route.LoaderArgs) {
  const [story, money, told] = await Promise.all([
    readApi(context, orderStory, { params }),
    // If payments is down, the order's own side is still shown.
    callApi(context, paymentStory, { query: { orderId: params.id } }).catch(() => null),
    // The same goes for notices.
    callApi(context, noticesOfOrder, { query: { orderId: params.id } }).catch(() => null),
  ])
  return {
    order: story.body.order,
    steps: story.body.steps,
    money: money?.ok ? money.body : null,
    told: told?.ok ? told.body : [],
    resumed: takeForm(context),
    isCancelled: takeSaid(context, 'order-cancelled')?.about === params.id,
  }
}

export async function action({ request, params, context }: Route.ActionArgs) {
  const typed = await readForm(request)
  const cancelled = await callApi(context, cancelAsAdmin, { params, body: { reason: typed.reason ?? '' } })
  if (!cancelled.ok) return reject(context, typed, cancelled)
  sayNext(context, 'order-cancelled', { about: params.id })
  return redirect(`/admin/orders/${params.id}`, 303)
}

export const clientAction = ({ serverAction }: Route.ClientActionArgs) => keepTyped(serverAction)
export const shouldRevalidate = unlessOffline

export default function AdminOrder({ loaderData, actionData }: Route.ComponentProps) {
  const { order, steps, money, told, resumed, isCancelled } = loaderData
  const texts = useAdminTexts()
  const noticesTexts = useNoticesTexts()
  const format = useFormat()
  const { ticket, status, reason, note, buyerId, sellerId, expiresAt } = order
  const isUnpaid = status === 'created' || status === 'awaiting:payment'
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
      <Head title={`${texts.admin.orders}, ${nameOfOrder(order)}`} />
      <h1 className="text-title">
        <bdi>{ticket.event?.name ?? ticket.title}</bdi>
      </h1>
      <p className="numbers mt-1 break-all text-small text-muted">
        {order.number && (
          <>
            <OrderNumber order={order} />
            <br />
          </>
        )}
        {texts.admin.id} {order.id}
      </p>
      <dl className="numbers my-6 grid grid-cols-2 gap-x-8 gap-y-3 sm:grid-cols-3">
        {facts.map(([label, fact]) => (
          <div key={label} className="min-w-0">
            <dt className="text-label text-muted">{label}</dt>
            <dd className="flex min-h-8 items-center">{fact}</dd>
          </div>
        ))}
      </dl>
      {isCancelled && !actionData && (
        <div className="mb-6">
          <Notice look="good" announce title={texts.admin.orderCancelled} />
        </div>
      )}
      {note && (
        <p className="mb-6 max-w-prose break-words" dir="auto">
          {note}
        </p>
      )}
      {(isUnpaid || actionData) && (
        <div className="mb-6">
          <Reasoned
            intent="cancel"
            label={texts.admin.cancelOrder}
            hint={texts.admin.cancelOrderHint}
            reasonLabel={texts.admin.reasonForBuyer}
            pending={texts.admin.cancelling}
            rejected={actionData ?? resumed}
          />
        </div>
      )}
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
          {tellStory(steps, money?.steps ?? [], noticeSteps(told, order, { ...texts, ...noticesTexts })).map(
            (moment) => (
              <Told key={moment.key} moment={moment} />
            ),
          )}
        </ol>
      </section>
    </>
  )
}

function Told({ moment: { step, day, time } }: { moment: Moment }) {
  const texts = useAdminTexts()
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

/** What people were told, and what became of the mails. */
const noticeSteps = (
  told: readonly NoticeRecord[],
  { buyerId }: OrderRecord,
  texts: AdminTexts & NoticesTexts,
): StoryStep[] =>
  told.flatMap(({ title, userId, madeAt, mail, why }) => {
    const whom = userId === buyerId ? texts.admin.toBuyer : texts.admin.toSeller
    const sent = mail && {
      at: mail.at,
      kind: 'mail' as const,
      what: texts.notices.status[mail.status],
      detail: [whom, title, why].filter(Boolean).join(' · '),
    }
    return [{ at: madeAt, kind: 'notice' as const, what: title, detail: whom }, ...(sent ? [sent] : [])]
  })

const statusOf = ({ what }: StoryStep, words: Readonly<Record<string, string>>) => words[what] ?? what
