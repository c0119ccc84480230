// Answers a page's request in the same order as a request of the API: faults that delay or lose it, one
// transaction, and no response before the commit.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Call } from '../api/call.ts'
import { makeDueChanges } from '../api/due-changes.ts'
import { beginCall, type Machine } from '../machine.ts'
import { type Page, sendPage } from './page.ts'

/**
 * The names of the pages' forms for fault switches. They support `latency` and the two kinds of `drop`, not
 * `status`.
 */
export const pageRoutes = ['page.pay', 'page.authenticate'] as const
export type PageRoute = (typeof pageRoutes)[number]

/** The response to a page's request. */
export type PageAnswer = { status: number; page: Page } | { redirectTo: string }

/** Answers the request for a page. */
export async function showPage(machine: Machine, reply: FastifyReply, answer: (call: Call) => PageAnswer) {
  const call = beginCall(machine)
  makeDueChanges(call)
  const answered = answer(call)
  await machine.store.committed()
  return send(reply, answered)
}

/** Processes a page's form. */
export async function submitPage(
  machine: Machine,
  route: PageRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (call: Call) => PageAnswer,
) {
  const { store, faults, stopping } = machine
  const place = { method: 'POST', path: request.url, route }
  await faults.delay(place, stopping)
  if (faults.take('drop-before', place)) return drop(request, reply)
  const call = beginCall(machine)
  makeDueChanges(call)
  const answered = store.transaction(() => work(call))
  await store.committed()
  if (faults.take('drop-after-commit', place)) return drop(request, reply)
  return send(reply, answered)
}

function send(reply: FastifyReply, answer: PageAnswer) {
  if ('page' in answer) return sendPage(reply, answer.status, answer.page)
  return reply.header('cache-control', 'no-store').redirect(answer.redirectTo, 303)
}

function drop(request: FastifyRequest, reply: FastifyReply) {
  reply.hijack()
  request.raw.socket.destroy()
  return reply
}
