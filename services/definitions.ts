// The definition of every service of the list, for what runs or describes all of them: dev, and the rights on the bus.

import { existsSync } from 'node:fs'
import { services } from '@aisle/contracts/endpoint'
import type { AnyService } from '@aisle/kit/boot/service'

/** In the order of the list. services/<name>/service.ts exports its definition under its name. */
export const definitions: readonly AnyService[] = await Promise.all(
  services.map(async (name) => {
    if (!existsSync(new URL(`${name}/service.ts`, import.meta.url)))
      throw new Error(
        `The list of contracts/endpoint.ts has a service ${name}, and there is no services/${name}/service.ts.`,
      )
    const exported = (await import(`./${name}/service.ts`)) as Record<string, AnyService | undefined>
    const definition = exported[name]
    if (definition?.name !== name)
      throw new Error(`services/${name}/service.ts exports no service with the name ${name}.`)
    return definition
  }),
)
