// `npm run asyncapi` writes what docs/ says about messages and states: from the messages in contracts, from what each
// service consumes, and from the tables by which services decide.

import { writeFileSync } from 'node:fs'
import { asyncapi } from '@aisle/contracts/asyncapi'
import { messages } from '@aisle/contracts/messages/index'
import { messagesText } from './message-document.ts'
import { heard } from './stack.ts'
import { statesText } from './state-document.ts'

/** The documents as they are kept in docs/. */
export const documents: Readonly<Record<string, () => string>> = {
  'asyncapi.json': () => `${JSON.stringify(asyncapi(messages, heard), null, 2)}\n`,
  'messages.md': messagesText,
  'states.md': statesText,
}

if (import.meta.main)
  for (const [name, text] of Object.entries(documents))
    writeFileSync(new URL(`../docs/${name}`, import.meta.url), text())
