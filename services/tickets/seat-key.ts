// What makes two descriptions one seat. Pure.

import type { Seat } from '@aisle/contracts/entities'
import { wordsKey } from './search-text.ts'

/**
 * Two seats of one event with the same result are one seat: section, row and number without regard to letter case,
 * accents, spacing, signs, and zeros in front. Empty for what is no single seat: one without a number is a place where
 * people stand, or sit as they like, and one that is for no event could be anywhere.
 */
export function seatKey(seat: Seat | null, eventId: string | null): string {
  const number = part(seat?.number)
  if (eventId === null || number === '') return ''
  return [part(seat?.section), part(seat?.row), number].join('/')
}

const part = (text = '') => wordsKey(text).replaceAll(/(?<!\p{N})0+(?=\p{N})/gu, '')
