// docs/messages.md: the catalogue of messages as a document.

import { type Catalogue, catalogueOf, type Field } from '@aisle/contracts/message-catalogue'
import { messages } from '@aisle/contracts/messages/index'
import { heard } from './stack.ts'

/** The document as it is kept in the repository. */
export function messagesText(): string {
  const { envelope, publishers } = catalogueOf(messages, heard)
  return `# Messages

\`npm run asyncapi\` writes this page from the declarations in \`contracts/messages\` and from what each service
consumes. A running marketplace shows it at \`/api/docs/messages\`, and [asyncapi.json](asyncapi.json) is the same for
programs. [Architecture](architecture.md#a-message) explains how a message travels, and [states](states.md) shows what
the messages are about.

A *time* is ISO 8601 in UTC, an *id* a UUIDv7 in lower case. Prices and amounts are integers in minor units. A field
with a question mark may be missing. Consumers accept fields that they do not know.

## The envelope

Each message is a CloudEvents 1.0 envelope around its \`data\`.

${table(['field', 'type', 'meaning'], envelope.map(fieldRow))}${publishers
  .filter(({ messages }) => messages.length > 0)
  .map(sectionOf)
  .join('')}`
}

function sectionOf({ name, messages, data }: Catalogue['publishers'][number]): string {
  const rows = messages.map((message) => [
    `\`${message.type}\``,
    message.description,
    message.heardBy.join(', ') || 'no service',
    `[${message.data}](#${anchorOf(message.data)})`,
  ])
  const forms = data.map(
    (form) =>
      `\n### ${form.name} data\n\n${wrapped(`Of ${form.types.map((type) => `\`${type}\``).join(', ')}.`)}\n\n${table(['field', 'type', 'meaning'], form.fields.map(fieldRow))}`,
  )
  return `\n## From ${name}\n\n${table(['message', 'what it says', 'heard by', 'data'], rows)}${forms.join('')}`
}

/** Prose in lines of at most 120 characters. */
const wrapped = (text: string) => text.replaceAll(/(.{1,120})(?: |$)/g, '$1\n').trimEnd()

const anchorOf = (data: string) => `${data.toLowerCase()}-data`

const fieldRow = ({ name, optional, type, meaning }: Field) => [`\`${name}\`${optional ? '?' : ''}`, type, meaning]

/** A table of Markdown, with a line break at its end. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
