// What a page hears while it is open. Without JavaScript there is nothing of it: the page then shows what was so when it was loaded.

import type { Order, Ticket } from '@aisle/contracts/entities'
import { useEffect, useRef, useState } from 'react'
import { useNavigation, useRevalidator } from 'react-router'
import { listen } from './listen.ts'
import type { Heard } from './merge-tickets.ts'

/** Tickets as they were told of, by id. While the visitor's own form is on its way nothing changes under it. */
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

/** An order that has changed is asked for anew: which of its pages to show, the server decides. */
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
