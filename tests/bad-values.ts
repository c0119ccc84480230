// Bad values made from the contracts' own schemas: whatever field is added to an endpoint is tried with all of them.

import type { TSchema } from '@aisle/contracts/schema'

type Schema = TSchema & {
  type?: string
  enum?: unknown[]
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  properties?: Record<string, Schema>
  required?: string[]
}

export type Mutation = { what: string; field: string; body: unknown }

const notStrings: unknown[] = [null, 42, true, {}, { $ne: null }, { $gt: '' }, { toString: 'x' }, [], ['text'], [null]]

/** Values that a field of `schema` must not take. */
export function wrongValues(schema: Schema): unknown[] {
  if (schema.enum) return [...notStrings, '', 'nonsense', ` ${schema.enum[0]}`, [schema.enum[0]], 'constructor']
  switch (schema.type) {
    case 'string':
      return [
        ...notStrings,
        // No text of ours may hold a NUL: PostgreSQL cannot store it.
        '\u0000',
        'a good text\u0000',
        ...(schema.format ? ['nonsense', ' '] : []),
        ...(schema.minLength ? [''] : []),
        ...(schema.maxLength ? ['x'.repeat(schema.maxLength + 1)] : []),
      ]
    case 'integer':
      return [
        ...['45', '', null, true, {}, { $gt: 0 }, [], [50], 50.5, 19.99, 0.001, -1, 1e21, -1e21, 2 ** 53],
        ...(schema.minimum === undefined ? [] : [schema.minimum - 1]),
        ...(schema.maximum === undefined ? [] : [schema.maximum + 1]),
      ]
    case 'object':
      return [null, 'text', 42, true, [], [{}], [['name', 'x']]]
    default:
      throw new Error(`There are no bad values for a schema of type ${schema.type}; add some here.`)
  }
}

/** `good` with one thing wrong, for each thing that can be wrong with a body of `schema`. */
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
