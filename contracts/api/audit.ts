// Every service: its audit log, for an admin to read: what was done, by whom, and what was refused.

import { endpoint, type ServiceName } from '../endpoint.ts'
import { AuditAction, AuditEntry } from '../entities.ts'
import { closed, Id, paging, Type } from '../schema.ts'

/** The endpoint of a service. Ids of all services sort by time, so `after` may be an entry of another service. */
export const auditEndpoint = (service: ServiceName) =>
  endpoint({
    method: 'GET',
    path: `/api/admin/audit/${service}`,
    summary: 'What was done and what was refused, newest first',
    who: 'admin',
    query: closed({
      user: Type.Optional(Type.Unsafe<string>({ ...Id, description: 'who did it, or to whom' })),
      action: Type.Optional(AuditAction),
      limit: paging.limit,
      after: Type.Optional(Type.Unsafe<string>({ ...Id, description: 'the last entry of the previous page' })),
    }),
    success: { status: 200, body: Type.Array(AuditEntry) },
    refusals: [],
    paged: true,
  })
