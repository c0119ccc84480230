// The number of an order for people: on pages and receipts, on the phone. Programs use the order's id.

import { plain, readable } from './readable.ts'
import { Type } from './schema.ts'

const length = 8

/** `K7MP-42XW`: seven characters and one that checks them, with a dash in the middle. */
export const OrderNumber = Type.String({
  pattern: `^[${readable}]{4}-[${readable}]{4}$`,
  description: 'the order’s number for people, such as K7MP-42XW',
})

/** An order number as a person typed it: whoever receives it asks `tidyOrderNumber`. */
export const TypedOrderNumber = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'an order number, in any spelling: lower case, without its dash, with spaces',
})

/**
 * Whether `typed` is an order number, in any spelling. The characters, times 8 to 1 from left to right, must add up to
 * a multiple of 29. As in ISBN-10 (ISO 2108, modulo 11), the modulus is prime and larger than each weight, so a wrong
 * character, and a swap of any two, always changes the remainder. It finds typing errors; it proves nothing else.
 */
export function isOrderNumber(typed: string): boolean {
  const values = [...plain(typed)].map((character) => readable.indexOf(character))
  if (values.length !== length || values.includes(-1)) return false
  return values.reduce((sum, value, index) => sum + value * (length - index), 0) % readable.length === 0
}

/** The one spelling of an order number: `k7mp 42xw` becomes `K7MP-42XW`; null if it is not an order number. */
export function tidyOrderNumber(typed: string): string | null {
  if (!isOrderNumber(typed)) return null
  const characters = plain(typed)
  return `${characters.slice(0, length / 2)}-${characters.slice(length / 2)}`
}
