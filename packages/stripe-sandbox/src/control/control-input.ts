// Reads the input of the control plane; invalid input gets a sentence for the caller.

/** A sentence for the caller, returned with 400. */
export class ControlError extends Error {}

/** A JSON object with only known fields. */
export function readObject(body: unknown, known: string[]): Record<string, unknown> {
  if (!isObject(body)) throw new ControlError('Send a JSON object with content-type application/json.')
  const unknown = Object.keys(body).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new ControlError(`There is no field '${unknown}'; the fields are ${known.join(', ')}.`)
  return body
}

/** A JSON object. */
export function readAnyObject(name: string, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new ControlError(`${name} must be a JSON object.`)
  return value
}

/** A finite number. */
export function readNumber(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ControlError(`${name} must be a number.`)
  return value
}

/** Text, or null if it is missing. */
export function readText(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw new ControlError(`${name} must be a string.`)
  return value
}

/** A list of strings, or null if it is missing. */
export function readTexts(name: string, value: unknown): string[] | null {
  if (value === undefined || value === null) return null
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw new ControlError(`${name} must be a list of strings.`)
  }
  return value as string[]
}

/** One of a closed set, or null if it is missing. */
export function readOneOf<const T extends string>(name: string, value: unknown, allowed: readonly T[]): T | null {
  if (value === undefined || value === null) return null
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw new ControlError(`${name} must be one of ${allowed.join(', ')}.`)
  return found
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
