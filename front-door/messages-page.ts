/**
 * `/api/docs/messages`: what the services say to each other, from the declarations of messages. Plain HTML: it runs
 * nothing and loads only its style.
 */
import { type Catalogue, catalogueOf, type Field, type Heard } from '@aisle/contracts/message-catalogue'
import { messages } from '@aisle/contracts/messages/index'

/** The page's style, in the font and the colours of the page beside it. */
export const messagesStyle = `body { margin: 0 auto; max-width: 75rem; padding: 1rem 1.25rem 4rem; color: #3b4151;
  font: 0.875rem/1.5 sans-serif; }
h1, h2, h3 { line-height: 1.2; }
h2 { margin-top: 3rem; border-bottom: 1px solid #d8dde7; padding-bottom: 0.5rem; }
a { color: #4990e2; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.4rem 1rem 0.4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #ebebed; }
td:first-child { white-space: nowrap; }
code { font: 600 0.8rem monospace; }
`

/** The page; `heard` is what each service consumes. */
export function messagesPage(heard: Heard): string {
  const { envelope, publishers } = catalogueOf(messages, heard)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aisle messages</title>
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/messages.css">
</head>
<body>
<nav><a href="/api/docs">API</a></nav>
<h1>Messages</h1>
<p>What the services say to each other. A <i>time</i> is ISO 8601 in UTC, an <i>id</i> a UUIDv7 in lower case. Prices
and amounts are integers in minor units. A field with a question mark may be missing.</p>
<h2>The envelope</h2>
<p>Each message is a CloudEvents 1.0 envelope around its <code>data</code>.</p>
${fieldTable(envelope)}
${publishers
  .filter((publisher) => publisher.messages.length > 0)
  .map(section)
  .join('\n')}
</body>
</html>
`
}

function section({ name, messages, data }: Catalogue['publishers'][number]): string {
  const rows = messages.map((message) => [
    `<code id="${message.type}">${message.type}</code>`,
    prose(message.description),
    message.heardBy.join(', ') || 'no service',
    `<a href="#${message.data}">${message.data}</a>`,
  ])
  const forms = data.map(
    (form) =>
      `<h3 id="${form.name}">${form.name} data</h3>\n<p>Of ${form.types.map(code).join(', ')}.</p>\n${fieldTable(form.fields)}`,
  )
  return `<h2 id="${name}">From ${name}</h2>
${table(['message', 'what it says', 'heard by', 'data'], rows)}
${forms.join('\n')}`
}

const fieldTable = (fields: readonly Field[]) =>
  table(
    ['field', 'type', 'meaning'],
    fields.map(({ name, optional, type, meaning }) => [
      `${code(name)}${optional ? '?' : ''}`,
      prose(type),
      prose(meaning),
    ]),
  )

const table = (heads: readonly string[], rows: readonly (readonly string[])[]) => `<div><table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}
</tbody>
</table></div>`

const code = (text: string) => `<code>${text}</code>`

/** Text with \`code\` in backticks. */
const prose = (text: string) =>
  text
    .replaceAll(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;' })[sign] ?? '&gt;')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
