// Groups prices into columns, for the strip of dots.

/** As many as fit on a small phone with a finger's width each. */
const columns = 10

export type Column = { upTo: number; count: number }

/** Prices in columns of equal width; a column is identified by its highest price. Columns without a ticket are gaps. */
export function columnsOf(prices: readonly number[]): (Column | null)[] {
  const [low, high] = [Math.min(...prices), Math.max(...prices)]
  const piles: (Column | null)[] = Array.from({ length: low === high ? 1 : columns }, () => null)
  for (const price of prices) {
    const at = low === high ? 0 : Math.min(columns - 1, Math.floor(((price - low) / (high - low)) * columns))
    const pile = piles[at]
    piles[at] = { upTo: Math.max(price, pile?.upTo ?? 0), count: (pile?.count ?? 0) + 1 }
  }
  return piles
}
