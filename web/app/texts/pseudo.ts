// English with accented letters, as a right-to-left language: it exposes sentences that are hard-coded in a
// page instead of the catalogue, and layouts that work in only one direction.

const accents: Record<string, string> = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', n: 'ñ', c: 'ç', y: 'ý' }

export const accented = (text: string) => text.replaceAll(/[aeiouncy]/g, (letter) => accents[letter] ?? letter)

export function pseudo<T extends object>(texts: T): T {
  return disguise(texts) as T
}

function disguise(value: unknown): unknown {
  if (typeof value === 'string') return accented(value)
  if (typeof value === 'function') return (...args: unknown[]) => accented(String(value(...args)))
  if (Array.isArray(value)) return value.map(disguise)
  return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, disguise(inner)]))
}
