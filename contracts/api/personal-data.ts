// Every service: what it holds about the person who asks, page by page.

import { endpoint, type ServiceName } from '../endpoint.ts'
import { closed, Type } from '../schema.ts'

/** The endpoint of a service. Each entry is a row of one of the parts that the service declares that it holds. */
export const personalDataEndpoint = (service: ServiceName) =>
  endpoint({
    method: 'GET',
    path: `/api/personal-data/${service}`,
    summary: 'What is held about you: all, oldest first in each part, or the newest of each part',
    who: 'user',
    fresh: true,
    query: closed({
      after: Type.Optional(Type.String({ maxLength: 400, description: 'where the previous page ended' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'entries of a page' })),
      newest: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 200, description: 'only so many entries of each part, newest first' }),
      ),
    }),
    success: {
      status: 200,
      body: Type.Array(
        Type.Object({
          part: Type.String({ description: 'such as `orders`' }),
          held: Type.Unknown({ description: 'the fields of the entry; its form depends on the part' }),
        }),
      ),
    },
    refusals: [],
    paged: true,
    callsPerMinute: 600,
  })
