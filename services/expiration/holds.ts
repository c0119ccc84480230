// expiration knows orders by their bare ids, and nothing about a person.

import type { Held } from '@aisle/kit/boot/held'

export const holds: readonly Held[] = []
