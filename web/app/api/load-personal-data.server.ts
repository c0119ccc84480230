// What the services hold about the user. A service that does not answer makes the whole an error: less than everything
// would look like everything.

import { personalDataEndpoint } from '@aisle/contracts/api/personal-data'
import { type ServiceName, services } from '@aisle/contracts/endpoint'
import { readApi } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

/** An entry's fields: texts, numbers, moments as ISO 8601, true and false, or null. */
export type Entry = Readonly<Record<string, string | number | boolean | null>>
export type Part = { readonly part: string; readonly service: ServiceName; readonly entries: readonly Entry[] }

type Held = { part: string; held: unknown }

/** The newest entries of each part that has some, in the order of the services: at most `newest` of each. */
export async function loadNewestData(context: Context, newest: number): Promise<Part[]> {
  const answers = await Promise.all(
    services.map((service) => readApi(context, personalDataEndpoint(service), { query: { newest } })),
  )
  return answers.flatMap(({ body }, at) => inParts(services[at]!, body))
}

/** All entries of each part that has some, in the order of the services, oldest first. */
export async function loadPersonalData(context: Context): Promise<Part[]> {
  const parts: Part[] = []
  for (const service of services) {
    const entries: Held[] = []
    let after: string | null = null
    do {
      const page: { body: Held[]; next: string | null } = await readApi(context, personalDataEndpoint(service), {
        query: after === null ? {} : { after },
      })
      entries.push(...page.body)
      after = page.next
    } while (after !== null)
    parts.push(...inParts(service, entries))
  }
  return parts
}

const inParts = (service: ServiceName, entries: readonly Held[]): Part[] =>
  [...Map.groupBy(entries, ({ part }) => part)].map(([part, of]) => ({
    part,
    service,
    entries: of.map(({ held }) => held as Entry),
  }))
