// All that the services hold about the user, page by page. A service that does not answer makes the whole an error:
// less than everything would look like everything.

import { personalDataEndpoint } from '@aisle/contracts/api/personal-data'
import { services } from '@aisle/contracts/endpoint'
import { readApi } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

/** An entry's fields: texts, numbers, moments as ISO 8601, true and false, or null. */
export type Entry = Readonly<Record<string, string | number | boolean | null>>
export type PersonalData = { readonly part: string; readonly service: string; readonly entries: readonly Entry[] }[]

/** The parts that have entries, in the order of the services. */
export async function loadPersonalData(context: Context): Promise<PersonalData> {
  const parts: { part: string; service: string; entries: Entry[] }[] = []
  for (const service of services) {
    let after: string | null = null
    do {
      const page: { body: { part: string; held: unknown }[]; next: string | null } = await readApi(
        context,
        personalDataEndpoint(service),
        { query: after === null ? {} : { after } },
      )
      for (const { part, held } of page.body) {
        const last = parts.at(-1)
        if (last?.part === part && last.service === service) last.entries.push(held as Entry)
        else parts.push({ part, service, entries: [held as Entry] })
      }
      after = page.next
    } while (after !== null)
  }
  return parts
}
