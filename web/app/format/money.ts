// Money is stored as an integer in minor units; people read and type it in the format of their language.

// Creating a formatter is a hundred times more expensive than using it, and there are few currencies and
// languages.
const made = new Map<string, { format: Intl.NumberFormat; digits: number }>()

function formatterFor(currency: string, locale: string) {
  const key = `${locale} ${currency}`
  const known = made.get(key)
  if (known) return known
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency })
  const formatter = { format, digits: format.resolvedOptions().maximumFractionDigits ?? 2 }
  // A currency in a form may be any three letters.
  if (made.size < 100) made.set(key, formatter)
  return formatter
}

/** The number of digits of the minor unit: 2 for cents, 0 for yen. */
export const minorDigits = (currency: string): number => formatterFor(currency, 'en').digits

export function formatMoney(minor: number, currency: string, locale: string): string {
  const { format, digits } = formatterFor(currency, locale)
  return format.format(minor / 10 ** digits)
}

/** Like `formatMoney` without the currency: the value of a field to be edited. */
export function editableMoney(minor: number, currency: string, locale: string): string {
  const digits = minorDigits(currency)
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }
  return new Intl.NumberFormat(locale, format).format(minor / 10 ** digits)
}
