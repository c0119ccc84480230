// The Prometheus metrics of a service's processes.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { until } from '@aisle/kit/testing/settled'
import type { World } from './world.ts'

/** The metrics of a service, as text, of each of its replicas. */
export const scrape = (world: World, service: ServiceName): Promise<string[]> =>
  Promise.all(world.stack.origins(service).map(async (origin) => (await fetch(`${origin}/metrics`)).text()))

/**
 * The value of the one series of `name` with all of `labels`, as on the dashboard: counts of replicas are added
 * up, and values they read must be equal. Undefined if no replica has it.
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

/**
 * Like `metric`, for a gauge read from the database: it is missing from a response if the read takes too long,
 * so it is requested again.
 */
export const gauge = (
  world: World,
  service: ServiceName,
  name: string,
  labels: Readonly<Record<string, string>> = {},
) =>
  until(
    () => metric(world, service, name, labels),
    (value) => value !== undefined,
    `${service} to tell ${name}`,
  )
