// What the processes of a service tell Prometheus.

import type { ServiceName } from '@aisle/contracts/endpoint'
import type { World } from './world.ts'

/** The metrics of a service, as text, of each of its replicas. */
export const scrape = (world: World, service: ServiceName): Promise<string[]> =>
  Promise.all(world.stack.origins(service).map(async (origin) => (await fetch(`${origin}/metrics`)).text()))

/**
 * The value of the one series of `name` that has all of `labels`, as the dashboard shows it: what the replicas have counted is added up, and what they
 * read must be the same. Undefined where no replica has it.
 */
export async function metric(
  world: World,
  service: ServiceName,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
  const values = (await scrape(world, service)).map((text) => {
    const line = text
      .split('\n')
      .find((one) => one.startsWith(`${name}{`) && wanted.every((label) => one.includes(label)))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  })
  const found = values.filter((value) => value !== undefined)
  if (name.endsWith('_total')) return found.length === 0 ? undefined : found.reduce((sum, value) => sum + value)
  if (new Set(values).size > 1) throw new Error(`The replicas of ${service} do not agree on ${name}: ${values}`)
  return values[0]
}
