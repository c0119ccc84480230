// Every service: the messages and the work that failed, for a person to inspect and replay.

import { endpoint, type ServiceName } from '../endpoint.ts'
import { FailedItem } from '../entities.ts'
import { closed, Type } from '../schema.ts'

/** The two endpoints of a service: one lists, the other replays. */
export const failedEndpoints = (service: ServiceName) => ({
  list: endpoint({
    method: 'GET',
    path: `/api/admin/messages/${service}`,
    summary: 'Failed messages and work, waiting for a retry or given up; oldest first, at most a hundred of each',
    who: 'admin',
    success: { status: 200, body: Type.Array(FailedItem) },
    refusals: [],
  }),
  replay: endpoint({
    method: 'POST',
    path: `/api/admin/messages/${service}/replays`,
    summary: 'Retry messages and work that were given up: one, or all without an id',
    who: 'admin',
    body: closed({ id: Type.Optional(Type.String({ pattern: '^[\\w:.-]+$', maxLength: 200 })) }),
    success: { status: 200, body: closed({ replayed: Type.Integer() }) },
    refusals: [],
  }),
})
