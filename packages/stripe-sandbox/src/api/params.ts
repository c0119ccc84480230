// Declares a route's parameters as a table of fields. Reading them returns typed values or Stripe's refusal. A
// parameter that is not in the table is refused (parameter_unknown), as Stripe does.

import { invalidRequest, StripeFault, unknownParameters } from './errors.ts'
import type { FormTree, FormValue } from './form.ts'

/** How one parameter is read; `name` is its full name, such as `payment_method_data[type]`. */
export interface Field<T> {
  read(value: FormValue, name: string): T
  required?: boolean
}

/** The values of a table of fields. */
export type Values<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends Field<infer T>
    ? Fields[Name] extends { required: true }
      ? T
      : T | undefined
    : never
}

/** Reads all parameters of a request, or throws the refusal of the first invalid one. */
export function readParams<Fields extends Record<string, Field<unknown>>>(
  tree: FormTree,
  fields: Fields,
  prefix = '',
): Values<Fields> {
  const nameOf = (key: string) => (prefix === '' ? key : `${prefix}[${key}]`)
  const unknown = Object.keys(tree).filter((key) => !Object.hasOwn(fields, key))
  if (unknown.length > 0) throw unknownParameters(unknown.map(nameOf))
  const values: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(fields)) {
    const value = tree[key]
    if (value === undefined) {
      if (field.required) {
        throw invalidRequest(`Missing required param: ${nameOf(key)}.`, {
          code: 'parameter_missing',
          param: nameOf(key),
        })
      }
      values[key] = undefined
    } else {
      values[key] = field.read(value, nameOf(key))
    }
  }
  return values as Values<Fields>
}

/** Makes a field mandatory. */
export function required<T>(field: Field<T>): Field<T> & { required: true } {
  return { ...field, required: true }
}

/** Non-empty text. */
export function text(maxLength = 5000): Field<string> {
  return {
    read(value, name) {
      const string = scalar(value, name, 'string')
      if (string.length > maxLength) {
        throw invalidRequest(`Invalid string: ${name} must be at most ${maxLength} characters.`, {
          code: 'parameter_invalid_string_too_long',
          param: name,
        })
      }
      return string
    },
  }
}

/** A whole number. */
export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Field<number> {
  return {
    read(value, name) {
      const string = scalar(value, name, 'integer')
      const number = Number(string)
      const refuse = (message: string) => invalidRequest(message, { code: 'parameter_invalid_integer', param: name })
      if (!/^-?\d+$/.test(string) || !Number.isSafeInteger(number)) throw refuse(`Invalid integer: ${string}`)
      if (number < min) throw refuse(`This value must be greater than or equal to ${min}.`)
      if (number > max) throw refuse(`This value must be less than or equal to ${max}.`)
      return number
    },
  }
}

/** `true` or `false`. */
export const flag: Field<boolean> = {
  read(value, name) {
    const string = scalar(value, name, 'boolean')
    if (string !== 'true' && string !== 'false') {
      throw invalidRequest(`Invalid boolean: ${string}`, { param: name })
    }
    return string === 'true'
  },
}

/** One of a closed set. */
export function oneOf<const T extends string>(...allowed: T[]): Field<T> {
  return {
    read(value, name) {
      const string = scalar(value, name, 'string')
      const found = allowed.find((candidate) => candidate === string)
      if (found === undefined) {
        throw invalidRequest(`Invalid ${name}: must be one of ${allowed.join(', ')}`, { param: name })
      }
      return found
    },
  }
}

/** A list of strings, sent as name[]=a or name[0]=a. */
export const texts: Field<string[]> = {
  read(value, name) {
    if (typeof value === 'string') throw invalidRequest('Invalid array', { param: name })
    return Object.entries(value).map(([index, item]) => {
      if (!/^\d+$/.test(index)) throw invalidRequest('Invalid array', { param: name })
      return scalar(item, `${name}[${index}]`, 'string')
    })
  },
}

/** A list of nested tables of fields, sent as name[0][field]=a. */
export function hashes<Fields extends Record<string, Field<unknown>>>(fields: Fields): Field<Values<Fields>[]> {
  return {
    read(value, name) {
      if (typeof value === 'string') throw invalidRequest('Invalid array', { param: name })
      return Object.entries(value).map(([index, item]) => {
        if (!/^\d+$/.test(index)) throw invalidRequest('Invalid array', { param: name })
        return hash(fields).read(item, `${name}[${index}]`)
      })
    },
  }
}

/** The URL of a web page. */
export const webAddress: Field<string> = {
  read(value, name) {
    const address = text().read(value, name)
    const protocol = URL.canParse(address) ? new URL(address).protocol : ''
    if (protocol !== 'https:' && protocol !== 'http:') {
      throw invalidRequest('Not a valid URL', { code: 'url_invalid', param: name })
    }
    return address
  },
}

/** An email address; only its form is checked. */
export const email: Field<string> = {
  read(value, name) {
    const address = text(800).read(value, name)
    if (!isEmail(address)) {
      throw invalidRequest(`Invalid email address: ${address}`, { code: 'email_invalid', param: name })
    }
    return address
  },
}

/** Whether a text has the form of an email address. */
export function isEmail(address: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)
}

/** A nested table of fields. */
export function hash<Fields extends Record<string, Field<unknown>>>(fields: Fields): Field<Values<Fields>> {
  return {
    read(value, name) {
      if (typeof value === 'string') throw invalidRequest('Invalid object', { param: name })
      return readParams(value, fields, name)
    },
  }
}

/** Stripe's metadata: up to 50 keys of 40 characters, values of 500; an empty value omits the key. */
export const metadata: Field<Record<string, string>> = {
  read(value, name) {
    const result: Record<string, string> = {}
    if (value === '') return result
    if (typeof value === 'string') throw invalidRequest('Invalid object', { param: name })
    const entries = Object.entries(value)
    if (entries.length > 50) throw invalidRequest('Metadata can have up to 50 keys', { param: name })
    for (const [key, item] of entries) {
      const param = `${name}[${key}]`
      if (typeof item !== 'string') throw invalidRequest('Metadata values must be strings', { param })
      if (key.length > 40) throw invalidRequest('Metadata keys can have up to 40 characters', { param })
      if (item.length > 500) throw invalidRequest('Metadata values can have up to 500 characters', { param })
      // Defined, not assigned: a key named __proto__ must become an ordinary property.
      if (item !== '') Object.defineProperty(result, key, { value: item, enumerable: true })
    }
    return result
  },
}

/** A time range to filter by: a Unix second, or a hash of gt, gte, lt, lte. */
export interface CreatedRange {
  from: number
  to: number
}

/** The `created` filter of Stripe's lists, both ends included. */
export const createdRange: Field<CreatedRange> = {
  read(value, name) {
    if (typeof value === 'string') {
      const at = integer(0).read(value, name)
      return { from: at, to: at }
    }
    const bounds = readParams(value, { gt: integer(0), gte: integer(0), lt: integer(0), lte: integer(0) }, name)
    return {
      from: Math.max(bounds.gte ?? 0, bounds.gt === undefined ? 0 : bounds.gt + 1),
      to: Math.min(
        bounds.lte ?? Number.MAX_SAFE_INTEGER,
        bounds.lt === undefined ? Number.MAX_SAFE_INTEGER : bounds.lt - 1,
      ),
    }
  },
}

/** `expand[]`, limited to what the route can expand. */
export function expandable<const T extends string>(...allowed: T[]): Field<ReadonlySet<T>> {
  return {
    read(value, name) {
      const wanted = new Set<T>()
      for (const path of texts.read(value, name)) {
        const found = allowed.find((candidate) => candidate === path)
        if (found === undefined) throw invalidRequest(`This property cannot be expanded (${path}).`, { param: name })
        wanted.add(found)
      }
      return wanted
    },
  }
}

function scalar(value: FormValue, name: string, kind: string): string {
  if (typeof value !== 'string') throw invalidRequest(`Invalid ${kind}: {}`, { param: name })
  if (value === '') {
    throw new StripeFault(400, {
      type: 'invalid_request_error',
      code: 'parameter_invalid_empty',
      message:
        `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a field; ` +
        `however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
      param: name,
    })
  }
  return value
}
