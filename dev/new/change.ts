// A change of the repository that is made as a whole: nothing is written before all of it is known.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Refused } from './names.ts'

export type Change = {
  has(path: string): boolean
  read(path: string): string
  /** @throws {Refused} when there is such a file already */
  create(path: string, text: string): void
  edit(path: string, by: (text: string) => string): void
  /** Like `edit`; when the text is not as expected, `left` is what a person has to do. */
  tryEdit(path: string, by: (text: string) => string, left: string): void
  /** Writes everything, in the repository's format. */
  write(): { written: string[]; left: string[] }
}

/** A change of the repository at `root`. */
export function openChange(root: string): Change {
  const texts = new Map<string, string>()
  const left: string[] = []
  const change: Change = {
    has: (path) => texts.has(path) || existsSync(join(root, path)),
    read: (path) => texts.get(path) ?? readFileSync(join(root, path), 'utf8'),
    create(path, text) {
      if (change.has(path)) throw new Refused(`There is already a file ${path}.`)
      texts.set(path, text)
    },
    edit(path, by) {
      const before = change.read(path)
      const after = by(before)
      if (after === before) throw new Error('the place for it was not found')
      texts.set(path, after)
    },
    tryEdit(path, by, what) {
      try {
        change.edit(path, by)
      } catch {
        left.push(`${path}: ${what}.`)
      }
    },
    write() {
      for (const [path, text] of texts) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), text)
      }
      const written = [...texts.keys()]
      const formatted = written.filter((path) => path.endsWith('.ts'))
      execFileSync(join(root, 'node_modules/.bin/biome'), ['check', '--write', ...formatted], {
        cwd: root,
        stdio: 'pipe',
      })
      return { written, left }
    },
  }
  return change
}
