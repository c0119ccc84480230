// One validator for everything that crosses a boundary: requests, messages, configuration. Each schema is compiled
// once.

import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { Convert, Default } from 'typebox/value'

export type Fault = { message: string; field?: string }
export type Checked = { ok: true; value: unknown } | { ok: false; faults: Fault[] }

/**
 * Makes a check of `schema`. With `fromText` (query strings, environment), numbers and booleans are read from text
 * and defaults are filled in.
 */
export function checker(schema: TSchema, options: { fromText?: boolean } = {}): (value: unknown) => Checked {
  let compiled: Validator | undefined
  return (input) => {
    compiled ??= Compile(schema)
    const value = options.fromText ? fromText(schema, input) : input
    return compiled.Check(value) ? { ok: true, value } : { ok: false, faults: explain(compiled.Errors(value)) }
  }
}

function fromText(schema: TSchema, input: unknown): unknown {
  const value = Default(schema, Convert(schema, structuredClone(input))) as Record<string, unknown>
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  // Convert cuts 50.9 down to 50 and reads 0x10 as 16. Text that is not a plain decimal integer stays as it is, and
  // is refused.
  for (const [name, given] of Object.entries(input ?? {}))
    if (properties[name]?.type === 'integer' && !/^-?\d+$/.test(String(given))) value[name] = given
  return value
}

function explain(errors: ReturnType<Validator['Errors']>): Fault[] {
  const faults: Fault[] = []
  const seen = new Set<string>()
  const add = (path: string, message: string) => {
    const field = path.replace(/^\//, '').replaceAll('/', '.')
    // One fault per field is enough: to a person a mismatched pattern and a too short text are the same mistake.
    if (seen.has(field)) return
    seen.add(field)
    faults.push(field === '' ? { message } : { message, field })
  }
  for (const error of errors) {
    const path = error.instancePath
    switch (error.keyword) {
      case 'required':
        for (const name of error.params.requiredProperties) add(`${path}/${name}`, 'is required')
        break
      case 'additionalProperties':
        for (const name of error.params.additionalProperties) add(`${path}/${name}`, 'is not a known field')
        break
      case 'boolean':
        add(path, 'is not a known field')
        break
      case 'format':
        add(path, `must be a valid ${error.params.format}`)
        break
      case 'pattern':
        add(path, 'has characters or a form that are not allowed')
        break
      case 'enum':
        add(path, `must be one of ${error.params.allowedValues.map(String).join(', ')}`)
        break
      default:
        add(path, error.message)
    }
  }
  return faults.length > 0 ? faults : [{ message: 'is not valid' }]
}
