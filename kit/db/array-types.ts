// Arrays between JavaScript and PostgreSQL. postgres.js would ask each new connection for the types of arrays: one query more, and a connection that is lost
// meanwhile ends the process with a rejection that nobody can catch. Those that we use have had their numbers for ever (pg_type.dat).

import type postgres from 'postgres'

const asText = (text: string) => text

/** The number of each array type, and what an element of it is in JavaScript. */
const arrays: Readonly<Record<string, readonly [oid: number, read: (text: string) => unknown]>> = {
  boolArray: [1000, (text) => text === 't'],
  int2Array: [1005, Number],
  int4Array: [1007, Number],
  textArray: [1009, asText],
  varcharArray: [1015, asText],
  // As single values of this type: more than a number can hold.
  int8Array: [1016, asText],
  float8Array: [1022, Number],
  timestamptzArray: [1185, (text) => new Date(text)],
  xid8Array: [271, asText],
  uuidArray: [2951, asText],
}

/** For `types` of postgres.js. It takes an array of dates or booleans for a single one: send those as texts. */
export const arrayTypes: Record<string, postgres.PostgresType> = Object.fromEntries(
  Object.entries(arrays).map(([name, [oid, read]]) => [
    name,
    {
      to: oid,
      from: [oid],
      serialize: (elements: unknown) => writeArray(elements as readonly unknown[]),
      parse: (text: string) => readArray(text, read),
    },
  ]),
)

/** PostgreSQL's text of an array of one dimension. */
const writeArray = (elements: readonly unknown[]): string =>
  `{${elements.map((one) => (one === null || one === undefined ? 'null' : quote(String(one)))).join()}}`

const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** Reads that text; `read` is given each element that is not null. */
function readArray<T>(text: string, read: (text: string) => T): (T | null)[] {
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^",]+)/gs)
  return [...elements].map(([, quoted, plain]) => {
    if (quoted !== undefined) return read(quoted.replaceAll(/\\(.)/gs, '$1'))
    return plain === 'NULL' ? null : read(plain ?? '')
  })
}
