// Money is an integer in minor units wherever it is kept; people read and type it as their language writes it.

// Making a formatter is a hundred times dearer than using it, and there are few currencies and languages.
const made = new Map<string, { format: Intl.NumberFormat; digits: number }>()

function formatterFor(currency: string, locale: string) {
  const key = `${locale} ${currency}`
  const known = made.get(key)
  if (known) return known
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency })
  const formatter = { format, digits: format.resolvedOptions().maximumFractionDigits ?? 2 }
  // What a form says is a currency may be any three letters.
  if (made.size < 100) made.set(key, formatter)
  return formatter
}

/** How many digits the minor unit takes: 2 for cents, 0 for yen. */
export const minorDigits = (currency: string): number => formatterFor(currency, 'en').digits

export function formatMoney(minor: number, currency: string, locale: string): string {
  const { format, digits } = formatterFor(currency, locale)
  return format.format(minor / 10 ** digits)
}

/** As `formatMoney`, without the currency: what stands in a field to be edited. */
export function editableMoney(minor: number, currency: string, locale: string): string {
  const digits = minorDigits(currency)
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }
  return new Intl.NumberFormat(locale, format).format(minor / 10 ** digits)
}

/**
 * Reads a price as people write it: `12`, `12.50`, `12,5`, `1,234.50`, `1.234,50`, `€ 12.-`. Null when it is none, or is finer than the currency.
 * The digits are never made a fraction on the way: 19.99 * 100 is 1998.9999999999998.
 */
export function parseMoney(typed: string, currency: string): number | null {
  const bare = typed
    .trim()
    .replace(/^(\p{Sc}|[a-z]{1,3}\p{Sc}?)\s*/iu, '')
    .replace(/\s*(\p{Sc}|[a-z]{2,3})$/iu, '')
    .replace(/[.,][-–—]+$/, '')
    .replaceAll(/[\s'’]/g, '')
  if (!/^\d[\d.,]*$/.test(bare)) return null
  const separators = bare.replaceAll(/\d/g, '')
  const last = separators.at(-1)
  const tail = last ? bare.slice(bare.lastIndexOf(last) + 1) : ''
  // The last mark is a decimal one unless it stands before three digits, or was used before as a thousands mark.
  const isDecimal = last !== undefined && tail.length !== 3 && separators.indexOf(last) === separators.length - 1
  const whole = isDecimal ? bare.slice(0, bare.lastIndexOf(last)) : bare
  if (!/^(\d+|[1-9]\d{0,2}([.,]\d{3})+)$/.test(whole)) return null
  if (new Set(whole.replaceAll(/\d/g, '')).size > 1) return null
  const digits = minorDigits(currency)
  const fraction = isDecimal ? tail : ''
  if (fraction.length > digits || (isDecimal && fraction.length === 0)) return null
  const minor = Number(whole.replaceAll(/\D/g, '') + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? minor : null
}
