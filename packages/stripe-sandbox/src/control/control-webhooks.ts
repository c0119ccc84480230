// The webhook part of the control plane: where webhooks go, how new events are treated, what was sent, and
// sending events at the time and in the order a test wants.

import type { FastifyInstance } from 'fastify'
import { apiVersion } from '../api/events.ts'
import type { Machine } from '../machine.ts'
import type { Delivery } from '../store/delivery-log.ts'
import type { DeliveryStatus } from '../store/records.ts'
import { ControlError, readAnyObject, readNumber, readObject, readOneOf, readText, readTexts } from './control-input.ts'

const modes = ['deliver', 'hold', 'drop'] as const
const statuses = ['pending', 'held', 'delivered', 'dropped', 'given-up'] as const satisfies DeliveryStatus[]
const orders = ['created', 'reversed', 'shuffled'] as const
const defaultSettleMs = 10_000
const maxTimes = 100

/** Adds the routes. */
export function addWebhookControl(plane: FastifyInstance, { store, webhooks }: Machine): void {
  const state = () => ({ mode: webhooks.mode, underWay: webhooks.underWay, pending: store.deliveries.count('pending') })

  const showEndpoint = () => {
    const { endpoint } = webhooks
    // The secrets are not returned: the client that registered them knows them.
    return { endpoint: endpoint && { url: endpoint.url, enabledEvents: endpoint.enabledEvents ?? null } }
  }
  plane.get('/_sandbox/webhook-endpoint', showEndpoint)
  plane.put('/_sandbox/webhook-endpoint', (request) => {
    const body = readObject(request.body, ['url', 'secrets', 'enabledEvents'])
    const enabledEvents = readTexts('enabledEvents', body.enabledEvents)
    try {
      webhooks.register({
        url: readText('url', body.url) ?? '',
        secrets: readTexts('secrets', body.secrets) ?? [],
        ...(enabledEvents && { enabledEvents }),
      })
    } catch (error) {
      throw new ControlError(error instanceof Error ? error.message : String(error))
    }
    return showEndpoint()
  })
  plane.delete('/_sandbox/webhook-endpoint', () => {
    webhooks.register(null)
    return showEndpoint()
  })

  plane.get<{ Querystring: { status?: string } }>('/_sandbox/webhooks', ({ query }) => {
    const deliveries = store.deliveries.all(readOneOf('status', query.status, statuses))
    return { ...state(), deliveries: deliveries.map(showDelivery) }
  })
  plane.post('/_sandbox/webhooks', (request) => {
    const mode = readOneOf('mode', readObject(request.body, ['mode']).mode, modes)
    if (mode === null) throw new ControlError(`Send { "mode": one of ${modes.join(', ')} }.`)
    webhooks.mode = mode
    return state()
  })

  plane.post('/_sandbox/webhooks/deliver', async (request) => {
    const body = readObject(request.body ?? {}, ['events', 'status', 'order', 'seed', 'times', 'concurrent'])
    if (!webhooks.endpoint) throw new ControlError('No webhook endpoint is registered: PUT /_sandbox/webhook-endpoint.')
    const times = body.times === undefined ? 1 : readNumber('times', body.times)
    if (!Number.isInteger(times) || times < 1 || times > maxTimes) {
      throw new ControlError(`times must be a whole number from 1 to ${maxTimes}.`)
    }
    if (body.concurrent !== undefined && typeof body.concurrent !== 'boolean') {
      throw new ControlError('concurrent must be true or false.')
    }
    const seed = body.seed === undefined ? 1 : readNumber('seed', body.seed)
    const chosen = chooseEvents(body).flatMap((event) => Array<string>(times).fill(event))
    switch (readOneOf('order', body.order, orders) ?? 'created') {
      case 'created':
        break
      case 'reversed':
        chosen.reverse()
        break
      case 'shuffled':
        shuffle(chosen, seed)
    }
    return { delivered: await webhooks.release(chosen, body.concurrent ?? false) }
  })
  plane.post('/_sandbox/webhooks/drop', async (request) => {
    const events = chooseEvents(readObject(request.body ?? {}, ['events', 'status']))
    const dropped = store.transaction(() => events.filter((event) => store.deliveries.drop(event)))
    await store.committed()
    return { dropped }
  })
  plane.post('/_sandbox/webhooks/send', async (request) => {
    const { event } = readObject(request.body, ['event'])
    if (!webhooks.endpoint) throw new ControlError('No webhook endpoint is registered: PUT /_sandbox/webhook-endpoint.')
    return webhooks.send(readAnyObject('event', event), apiVersion)
  })
  plane.post('/_sandbox/webhooks/settle', async (request) => {
    const { withinMs } = readObject(request.body ?? {}, ['withinMs'])
    const settled = await webhooks.settled(withinMs === undefined ? defaultSettleMs : readNumber('withinMs', withinMs))
    return { settled, ...state() }
  })

  function chooseEvents(body: Record<string, unknown>): string[] {
    const events = readTexts('events', body.events)
    const status = readOneOf('status', body.status, statuses)
    if (events === null) return store.deliveries.eventsWith(status ?? 'held')
    if (status !== null) throw new ControlError('Send either events or status.')
    const unknown = events.find((id) => store.events.sequence(id) === undefined)
    if (unknown !== undefined) throw new ControlError(`There is no event '${unknown}'.`)
    return events
  }
}

function showDelivery({ lastAt, nextAt, ...delivery }: Delivery) {
  return { ...delivery, lastTryAt: isoTime(lastAt), nextTryAt: isoTime(nextAt) }
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

// The same order for the same seed (mulberry32, then Fisher and Yates), so that a failing test can be repeated.
function shuffle(items: string[], seed: number): void {
  let state = seed >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const held = items[last]!
    items[last] = items[other]!
    items[other] = held
  }
}
