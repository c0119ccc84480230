// Arrays between JavaScript and PostgreSQL. postgres.js would ask each new connection for the array types: one more
// query, and if the connection is lost meanwhile, a rejection that cannot be caught ends the process. The OIDs of
// the types used here are fixed (pg_type.dat).

import type postgres from 'postgres'

const asText = (text: string) => text

/** The OID of each array type, and how an element of it is read into JavaScript. */
const arrays: Readonly<Record<string, readonly [oid: number, read: (text: string) => unknown]>> = {
  boolArray: [1000, (text) => text === 't'],
  int2Array: [1005, Number],
  int4Array: [1007, Number],
  textArray: [1009, asText],
  varcharArray: [1015, asText],
  // Like single values of this type: a bigint may exceed what a number can hold.
  int8Array: [1016, asText],
  float8Array: [1022, Number],
  timestamptzArray: [1185, (text) => new Date(text)],
  xid8Array: [271, asText],
  uuidArray: [2951, asText],
}

/**
 * For the option `types` of postgres.js. An array of dates or booleans would be sent as a single value: send those
 * as texts.
 */
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

/** PostgreSQL's text form of a one-dimensional array. */
const writeArray = (elements: readonly unknown[]): string =>
  `{${elements.map((one) => (one === null || one === undefined ? 'null' : quote(String(one)))).join()}}`

const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** Reads that text form; `read` receives each element that is not null. */
function readArray<T>(text: string, read: (text: string) => T): (T | null)[] {
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^",]+)/gs)
  return [...elements].map(([, quoted, plain]) => {
    if (quoted !== undefined) return read(quoted.replaceAll(/\\(.)/gs, '$1'))
    return plain === 'NULL' ? null : read(plain ?? '')
  })
}
