// Bad values derived from the contracts' own schemas: every field added to an endpoint is tried with all of
// them.

import type { TSchema } from '@aisle/contracts/schema'

type Schema = TSchema & {
  type?: string
  enum?: unknown[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
  properties?: Record<string, Schema>
  required?: string[]
}

export type Mutation = { what: string; field: string; body: unknown }

const notStrings: unknown[] = [null, 42, true, {}, { $ne: null }, { $gt: '' }, { toString: 'x' }, [], ['text'], [null]]

/** Leap seconds, midnight as 24, and days that do not exist. */
const noInstants = [
  '2027-06-30T23:59:60Z',
  '2027-06-30T24:00:00Z',
  '2027-06-30T23:60:00Z',
  '2027-02-30T12:00:00Z',
  '2027-02-29T12:00:00.000Z',
  '2100-02-29T12:00:00Z',
  '2027-04-31T12:00:00Z',
  '2027-00-10T12:00:00Z',
  '2027-13-10T12:00:00Z',
  '2027-01-00T12:00:00Z',
  '2027-01-01T12:00:00+00:00',
  '2027-01-01T12:00:00.1234567890Z',
  '2027-01-01t12:00:00z',
  '2027-01-01',
]

/** Each of these, alone or among spaces, is invisible on a page. */
const unseen = [
  ...[
    ' ',
    '\u00a0',
    '\u00ad',
    '\u034f',
    '\u115f',
    '\u1160',
    '\u17b4',
    '\u180e',
    '\u200b',
    '\u200d',
    '\u200e',
    '\u2028',
    '\u202e',
  ],
  ...[
    '\u2060',
    '\u2066',
    '\u2800',
    '\u3000',
    '\u3164',
    '\ufe0f',
    '\ufeff',
    '\uffa0',
    '\u{1d159}',
    '\u{e0001}',
    '\u{e0100}',
  ],
]
/** Not allowed in single-line text: it breaks the line, or reorders the text around it. */
const notInLine = [
  ...['\t', '\n', '\r', '\u0085', '\u009f', '\u2028', '\u2029', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e'],
  ...['\u2066', '\u2067', '\u2068', '\u2069'],
]

/** Values that a field of `schema` must refuse. */
export function wrongValues(schema: Schema): unknown[] {
  if (schema.enum) return [...notStrings, '', 'nonsense', ` ${schema.enum[0]}`, [schema.enum[0]], 'constructor']
  switch (schema.type) {
    case 'string':
      return [
        ...notStrings,
        // No text may contain a NUL: PostgreSQL cannot store it.
        '\u0000',
        'a good text\u0000',
        ...(schema.format ? ['nonsense', ' '] : []),
        ...(schema.format === 'date-time' ? noInstants : []),
        ...(schema.pattern?.includes('\\p{Default_Ignorable_Code_Point}')
          ? unseen.flatMap((one) => [one, ` ${one}${one} `, `${one}\u200b`])
          : []),
        ...(schema.pattern?.includes('\\u2066-\\u2069') ? notInLine.map((one) => `a good${one} text`) : []),
        ...(schema.minLength ? [''] : []),
        ...(schema.maxLength ? ['x'.repeat(schema.maxLength + 1)] : []),
      ]
    case 'integer':
      return [
        ...['45', '', null, true, {}, { $gt: 0 }, [], [50], 50.5, 19.99, 0.001, -1, 1e21, -1e21, 2 ** 53],
        ...(schema.minimum === undefined ? [] : [schema.minimum - 1]),
        ...(schema.maximum === undefined ? [] : [schema.maximum + 1]),
      ]
    case 'boolean':
      return [null, 'text', 'yes', 'on', 42, {}, [], [true]]
    case 'array':
      return [null, 'text', 42, true, {}, ...(schema.maxItems ? [Array(schema.maxItems + 1).fill('x')] : [])]
    case 'object':
      return [null, 'text', 42, true, [], [{}], [['name', 'x']]]
    default:
      throw new Error(`There are no bad values for a schema of type ${schema.type}; add some here.`)
  }
}

/** `good` with one fault, for each possible fault in a body of `schema`. */
export function* mutations(schema: Schema, good: Record<string, unknown>, path: string[] = []): Generator<Mutation> {
  const put = (name: string, value: unknown) => ({ ...good, [name]: value })
  const field = (name: string) => [...path, name].join('.')
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    for (const value of wrongValues(property))
      yield { what: `${field(name)} = ${describe(value)}`, field: field(name), body: put(name, value) }
    if (property.properties) {
      const inner = (good[name] ?? {}) as Record<string, unknown>
      for (const { what, field: at, body } of mutations(property, inner, [...path, name]))
        yield { what, field: at, body: put(name, body) }
    }
  }
  for (const name of schema.required ?? []) {
    const { [name]: _, ...without } = good
    yield { what: `${field(name)} is missing`, field: field(name), body: without }
  }
  for (const name of ['surprise', 'id', 'version', 'status', 'sellerId', 'constructor', '$where']) {
    if (schema.properties && Object.hasOwn(schema.properties, name)) continue
    yield { what: `an unknown field ${field(name)}`, field: field(name), body: put(name, 'surprise') }
  }
}

const describe = (value: unknown) => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 40)}... (${text.length} characters)` : text
}
