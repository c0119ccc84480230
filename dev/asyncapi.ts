// `npm run asyncapi` regenerates docs/asyncapi.json from the messages in contracts and what each service consumes.

import { writeFileSync } from 'node:fs'
import { asyncapi } from '@aisle/contracts/asyncapi'
import { messages } from '@aisle/contracts/messages/index'
import { heardBy } from '@aisle/kit/boot/hears'
import { services } from './stack.ts'

/** The document as it is kept in the repository. */
export function asyncapiText(): string {
  const heard = services.map((service) => ({ name: service.name, types: heardBy(service).types }))
  return `${JSON.stringify(asyncapi(messages, heard), null, 2)}\n`
}

if (import.meta.main) writeFileSync(new URL('../docs/asyncapi.json', import.meta.url), asyncapiText())
