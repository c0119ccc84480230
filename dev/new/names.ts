// The names that a new service or feature may have. What is wrong with one is an error of one sentence.

import { prefixes } from '@aisle/contracts/api/index'
import { type ServiceName, services } from '@aisle/contracts/endpoint'

/** A sentence for the person who asked. */
export class Refused extends Error {}

/** Words that mean something else in SQL or TypeScript, and folders and packages that are no services. */
const taken = new Set(
  `all analyse analyze and any array as asc both case cast check class column const constraint create default delete
  desc distinct do else end enum except export extends false finally for foreign from function grant group having if
  import in initially instanceof intersect into leading lateral let like limit natural new not null offset on only or
  order package placing postgres primary private protected public references return returning select static super
  switch symmetric table template then this throw to trailing true try typeof union unique user using var variadic void
  when where while window with yield
  admin assets bench contracts dev docs http infra kit tests tracing web`.split(/\s+/),
)

/** `name` as the name of a service that does not exist yet. @throws {Refused} */
export function newServiceName(name: string, has: (path: string) => boolean): string {
  if (!/^[a-z]{3,20}$/.test(name))
    throw new Refused(`"${name}" cannot name a service: a name is 3 to 20 small letters, like "notices".`)
  if (taken.has(name)) throw new Refused(`"${name}" cannot name a service: it already means something else.`)
  if (isService(name) || has(`services/${name}`)) throw new Refused(`There is already a service ${name}.`)
  const owner = prefixes.find(([prefix]) => prefix === `/api/${name}`)?.[1]
  if (owner) throw new Refused(`"${name}" cannot name a service: the paths /api/${name} belong to ${owner}.`)
  return name
}

/** `name` as the name of an existing service. @throws {Refused} */
export function existingService(name: string): ServiceName {
  if (isService(name)) return name
  throw new Refused(`There is no service "${name}"; the services are ${services.join(', ')}.`)
}

/** `name` as the name of a feature. @throws {Refused} */
export function newFeatureName(name: string): string {
  if (/^[a-z]+(-[a-z]+){1,5}$/.test(name) && name.length <= 40) return name
  throw new Refused(`"${name}" cannot name a feature: a name says what happens, in small letters, like "gift-ticket".`)
}

const isService = (name: string): name is ServiceName => (services as readonly string[]).includes(name)

/** gift-ticket: giftTicket */
export const camel = (name: string): string => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
/** gift-ticket: Gift ticket */
export const sentence = (name: string): string =>
  name.replace(/^./, (letter) => letter.toUpperCase()).replaceAll('-', ' ')
