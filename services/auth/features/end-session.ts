// A user signs out one of their devices from another. Every service refuses that session within a second.

import { endSession as endpoint } from '@aisle/contracts/api/users'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { endSession as end } from '../session-rows.ts'

export const endSession = command(endpoint, async (tx, request, service: AuthService) => {
  const { params, session } = request
  const ended = await end(tx, service, { id: params.id, userId: session.userId }, 'ended')
  if (!ended) return refuse('not-found')
  service.audit.write(tx, request, { action: 'session-end', subject: params.id })
  return answer(undefined, params.id === session.id ? { signIn: null } : {})
})
