// The tabs of one browser tell each other which ticket its user has an order for. A ticket's public stream says
// that it is reserved, but not by whom: without this, a second window would say that someone else has it.

import type { Order } from '@aisle/contracts/entities'
import { useEffect, useState } from 'react'

const channelName = 'own-orders'
type News = { ticketId: string; orderId: string | null }

const open = () => (typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(channelName))

/** Tells the other tabs about the order that is open in this one. */
export function useTellTabs({ id, status, ticket }: Order): void {
  const orderId = status === 'cancelled' || status === 'refunded' ? null : id
  useEffect(() => {
    const channel = open()
    channel?.postMessage({ ticketId: ticket.id, orderId } satisfies News)
    return () => channel?.close()
  }, [ticket.id, orderId])
}

/** The order that another tab has for the ticket, once it has announced it. */
export function useOrderOfOtherTab(ticketId: string): string | null {
  const [orderId, setOrderId] = useState<string | null>(null)
  useEffect(() => {
    const channel = open()
    channel?.addEventListener('message', ({ data }: MessageEvent<News>) => {
      if (data.ticketId === ticketId) setOrderId(data.orderId)
    })
    return () => channel?.close()
  }, [ticketId])
  return orderId
}
