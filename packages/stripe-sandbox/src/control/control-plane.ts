// The sandbox's own API for tests, under /_sandbox/: fault switches, the clock, ledger totals, webhooks, a
// reset. JSON, without an API key.

import type { FastifyInstance } from 'fastify'
import { makeDueChanges } from '../api/due-changes.ts'
import { endpoints } from '../api/endpoints.ts'
import { beginCall, type Machine } from '../machine.ts'
import { pageRoutes } from '../pages/submit-page.ts'
import { ControlError, readNumber, readObject, readText } from './control-input.ts'
import { addWebhookControl } from './control-webhooks.ts'
import { type Fault, type FaultEffect, type FaultTarget, faultStatuses } from './faults.ts'

/** Adds the control plane's routes. */
export function addControlPlane(app: FastifyInstance, machine: Machine): void {
  const { store, clock, faults, webhooks } = machine
  const time = () => ({ now: clock.now().toISOString(), offsetSeconds: clock.offsetSeconds() })

  app.register(async (plane) => {
    plane.setErrorHandler((error, request, reply) => {
      const clientFault =
        error instanceof ControlError ||
        (error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500)
      if (!clientFault) request.log.error({ err: error }, 'control plane request failed')
      const message = clientFault ? error.message : 'The sandbox failed; its log says why.'
      return reply.code(clientFault ? 400 : 500).send({ error: message })
    })

    plane.post('/_sandbox/faults', (request) => {
      const body = readObject(request.body, [
        'method',
        'path',
        'route',
        'kind',
        'status',
        'code',
        'declineCode',
        'when',
        'ms',
        'times',
      ])
      const target = readTarget(body)
      const effect = readEffect(body)
      if (effect.kind === 'status' && pageRoutes.some((route) => route === target.route)) {
        throw new ControlError('Pages take latency and drops only: an error status is for the API.')
      }
      return showFault(faults.add(target, effect, readTimes(body.times)))
    })
    plane.get('/_sandbox/faults', () => ({ faults: faults.list().map(showFault) }))
    plane.delete<{ Querystring: { route?: string } }>('/_sandbox/faults', ({ query }) => ({
      removed: faults.clear(readText('route', query.route)),
    }))

    plane.get('/_sandbox/clock', time)
    plane.post('/_sandbox/clock', async (request) => {
      const body = readObject(request.body, ['advanceSeconds', 'set'])
      if ((body.advanceSeconds === undefined) === (body.set === undefined)) {
        throw new ControlError('Send either { "advanceSeconds": 60 } or { "set": "2030-01-01T00:00:00Z" }.')
      }
      if (body.set === undefined) clock.advance(readNumber('advanceSeconds', body.advanceSeconds) * 1000)
      else clock.set(readTime(body.set))
      makeDueChanges(beginCall(machine))
      await store.committed()
      webhooks.wake()
      return time()
    })

    plane.get('/_sandbox/state', () => ({
      ...time(),
      totals: store.totals(),
      intents: store.intents.all(),
      charges: store.charges.all(),
      refunds: store.refunds.all(),
      sessions: store.sessions.all(),
    }))

    plane.post('/_sandbox/reset', async () => {
      store.clear()
      await store.committed()
      clock.reset()
      faults.clear()
      webhooks.mode = 'deliver'
      return time()
    })

    addWebhookControl(plane, machine)
  })
}

function showFault({ id, target, effect, times }: Fault) {
  return { id, method: target.method, path: target.path?.source ?? null, route: target.route, ...effect, times }
}

function readTarget(body: Record<string, unknown>): FaultTarget {
  const route = readText('route', body.route)
  const routes: string[] = [...endpoints.map(({ name }) => name), ...pageRoutes]
  if (route !== null && !routes.includes(route)) {
    throw new ControlError(`There is no route '${route}'; the routes are ${routes.join(', ')}.`)
  }
  const path = readText('path', body.path)
  return {
    method: readText('method', body.method)?.toUpperCase() ?? null,
    path: path === null ? null : readRegExp(path),
    route,
  }
}

function readEffect(body: Record<string, unknown>): FaultEffect {
  switch (body.kind) {
    case 'drop-before':
    case 'drop-after-commit':
      return { kind: body.kind }
    case 'latency': {
      const ms = readNumber('ms', body.ms)
      if (ms < 0 || ms > 600_000) throw new ControlError('ms must be between 0 and 600000.')
      return { kind: 'latency', ms }
    }
    case 'status': {
      const status = faultStatuses.find((candidate) => candidate === body.status)
      if (status === undefined) throw new ControlError(`status must be one of ${faultStatuses.join(', ')}.`)
      const when = body.when ?? 'before'
      if (when !== 'before' && when !== 'after') throw new ControlError("when must be 'before' or 'after'.")
      if (when === 'after' && status < 500) {
        throw new ControlError('Only a 5xx can come after the commit: Stripe does nothing when it answers 4xx.')
      }
      const code = readText('code', body.code)
      return { kind: 'status', status, code, declineCode: readText('declineCode', body.declineCode), when }
    }
    default:
      throw new ControlError("kind must be 'drop-before', 'drop-after-commit', 'status' or 'latency'.")
  }
}

function readTimes(value: unknown): number {
  if (value === undefined) return 1
  const times = readNumber('times', value)
  if (!Number.isInteger(times) || (times < 1 && times !== -1)) {
    throw new ControlError('times must be a whole number from 1, or -1 for always.')
  }
  return times
}

function readTime(value: unknown): Date {
  const date = typeof value === 'number' ? new Date(value * 1000) : new Date(typeof value === 'string' ? value : '')
  if (Number.isNaN(date.getTime())) {
    throw new ControlError('set must be an ISO time such as "2030-01-01T00:00:00Z" or a Unix second.')
  }
  return date
}

function readRegExp(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch {
    throw new ControlError(`path must be a regular expression; '${source}' is not.`)
  }
}
