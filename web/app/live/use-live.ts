// Live updates of an open page. Without JavaScript there are none: the page then shows the state at load time.

import type { Order, Ticket } from '@aisle/contracts/entities'
import { useEffect, useRef, useState } from 'react'
import { useNavigation, useRevalidator } from 'react-router'
import { listen } from './listen.ts'
import type { Heard } from './merge-tickets.ts'

/** Tickets from live updates, by id. While the visitor's own form is being submitted, nothing changes under it. */
export function useHeardTickets(listenTo: { ids: readonly string[] } | { eventId: string }): Heard {
  const [heard, setHeard] = useState<Heard>(new Map())
  const [shown, setShown] = useState(heard)
  const { state } = useNavigation()
  const query = 'ids' in listenTo ? `ids=${listenTo.ids.join(',')}` : `eventId=${listenTo.eventId}`
  useLive(query === 'ids=' ? null : `/api/tickets/live?${query}`, 'ticket', (ticket: Ticket) =>
    setHeard((before) => new Map(before).set(ticket.id, ticket)),
  )
  useEffect(() => {
    if (state === 'idle') setShown(heard)
  }, [state, heard])
  return shown
}

/** Reloads an order that has changed: the server decides which of its pages to show. */
export function useLiveOrder({ id, status, version }: Order): void {
  const { revalidate } = useRevalidator()
  const isOver = status === 'cancelled' || status === 'refunded'
  useLive(isOver ? null : `/api/orders/${id}/live`, 'order', (order: Order) => {
    if (order.version > version) revalidate()
  })
}

function useLive<T>(path: string | null, event: string, hear: (data: T) => void): void {
  const { revalidate } = useRevalidator()
  const latest = useRef(hear)
  useEffect(() => {
    latest.current = hear
  })
  useEffect(() => {
    if (path === null) return
    return listen(path, event, { hear: (data) => latest.current(data as T), lookAgain: revalidate })
  }, [path, event, revalidate])
}
