// docs/glossary.md names for each term an identifier and the file where it lives: both exist.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readText, root } from './infra-files.ts'

const rows = readText('docs/glossary.md')
  .split('\n')
  .filter((line) => line.startsWith('| **'))
const entries = rows.map((row) => {
  const [, term, identifier, file] = /^\| \*\*(.+?)\*\* \| .+ \| `([^`]+)` in `([^`]+)` \|$/.exec(row) ?? []
  return { row, term, identifier, file }
})

describe('docs/glossary.md', () => {
  it('has a term, a meaning, an identifier and a file in every row', () => {
    expect(entries.length).toBeGreaterThan(50)
    expect(entries.filter(({ file }) => file === undefined).map(({ row }) => row)).toEqual([])
  })

  it('has each term once, in alphabetical order', () => {
    const terms = entries.map(({ term }) => term!.toLowerCase())
    expect(terms).toEqual([...new Set(terms)].sort((a, b) => a.localeCompare(b, 'en')))
  })

  it.each(entries)('$term: $identifier is in $file', ({ identifier, file }) => {
    expect(existsSync(join(root, file!))).toBe(true)
    const escaped = identifier!.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    expect(readText(file!)).toMatch(new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`))
  })
})
