// docs/assurance.md names for each requirement the test or page that verifies it. All of them exist, and the
// totals are right.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/assurance.md'), 'utf8')
const rows = [...page.matchAll(/^\| (\d+\.\d+\.\d+) \| ([12]) \| (yes|partly|no|n\.a\.) \| (.*) \|$/gm)].map(
  ([, id, level, verdict, shown]) => ({ id: id!, level: level!, verdict: verdict!, shown: shown! }),
)

/** The number of requirements per chapter of ASVS 5.0.0 at levels 1 and 2. */
const chapters = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7]

const heading = (line: string) =>
  line
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')

describe('the page of assurance', () => {
  it('has every requirement once', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(chapters.map((_, index) => rows.filter(({ id }) => id.startsWith(`${index + 1}.`)).length)).toEqual(chapters)
  })

  it.each(['1', '2'])('counts level %s correctly', (level) => {
    const count = (verdict: string) => rows.filter((row) => row.level === level && row.verdict === verdict).length
    expect(page).toContain(`| ${level} | ${['yes', 'partly', 'no', 'n.a.'].map(count).join(' | ')} |`)
  })

  it('has "no" at level 1 only for what comes with mail', () => {
    for (const { id, shown } of rows.filter((row) => row.level === '1' && row.verdict === 'no'))
      expect(shown, id).toContain('comes with mail')
  })

  it('names files and tests that exist', () => {
    for (const { id, shown } of rows) {
      for (const [, path] of shown.matchAll(/`([\w./-]+\/[\w./-]*|[\w-]+\.json)`/g))
        if (!path!.startsWith('node:') && !path!.startsWith('@'))
          expect(existsSync(join(root, path!)), `${id}: ${path}`).toBe(true)
      for (const [, path, title] of shown.matchAll(/`([\w./-]+\.test\.ts)`: "([^"]+)"/g))
        expect(readFileSync(join(root, path!), 'utf8'), `${id}: ${path}`).toContain(title)
    }
  })

  it('names pages and sections that exist', () => {
    const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    for (const { id, shown } of rows)
      for (const [, file, section] of shown.matchAll(/\]\(([\w./-]+\.md)(?:#([\w-]+))?\)/g)) {
        expect(docs, id).toContain(file)
        const headings = readFileSync(join(dirname(join(root, 'docs/x')), file!), 'utf8').match(/^#+ .*$/gm) ?? []
        if (section) expect(headings.map(heading), `${id}: ${file}`).toContain(section)
      }
  })
})
