// How results are collected and shown: medians of rounds, each beside its reference from the same run.

export type Row = {
  name: string
  ours: string
  reference: string
  ratio: string
  aim: string
  /** The numbers behind it, by name; of several rounds one each. */
  figures?: Record<string, number | readonly number[]>
}

/** In the place of the rows of a run that threw. */
export function failedRow(name: string, error: unknown): Row {
  const text = error instanceof Error ? error.message : String(error)
  return { name, ours: 'failed', reference: '', ratio: '', aim: text.split('\n')[0]!.replaceAll('|', '\\|') }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length % 2
    ? sorted[(sorted.length - 1) / 2]!
    : (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The median, and in brackets the least and the most of several rounds. */
export const spread = (values: readonly number[], shown: (value: number) => string): string =>
  `${shown(median(values))} (${shown(Math.min(...values))} to ${shown(Math.max(...values))})`

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`

export function printTable(rows: readonly Row[]): void {
  const columns = ['name', 'ours', 'reference', 'ratio', 'aim'] as const
  const width = (column: (typeof columns)[number]) => Math.max(column.length, ...rows.map((row) => row[column].length))
  const line = (row: Row) => `| ${columns.map((column) => row[column].padEnd(width(column))).join(' | ')} |`
  console.log(line({ name: 'name', ours: 'ours', reference: 'reference', ratio: 'ratio', aim: 'aim' }))
  console.log(`|${columns.map((column) => '-'.repeat(width(column) + 2)).join('|')}|`)
  for (const row of rows) console.log(line(row))
}
