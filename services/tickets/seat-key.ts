// When two descriptions are one seat. Pure.

import type { Seat } from '@aisle/contracts/entities'
import { wordsKey } from './search-text.ts'

/**
 * Two seats of one event with the same result are one seat: section, row and number, ignoring letter case,
 * accents, spacing, symbols and leading zeros. Empty if it does not identify a single seat: without a number it
 * is a standing or free-seating area, and without an event it could be anywhere.
 */
export function seatKey(seat: Seat | null, eventId: string | null): string {
  const number = part(seat?.number)
  if (eventId === null || number === '') return ''
  return [part(seat?.section), part(seat?.row), number].join('/')
}

const part = (text = '') => wordsKey(text).replaceAll(/(?<!\p{N})0+(?=\p{N})/gu, '')
