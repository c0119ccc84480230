// The guards that `npm run mutations` removes are where it looks for them, so none is forgotten when code
// moves.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { guards, guardTable } from './guards.ts'

const root = join(import.meta.dirname, '../..')

describe.each(guards)('the guard "$guard"', ({ edits, seenBy }) => {
  it('is where it is removed', () => {
    for (const { file, from, to } of edits) {
      expect(readFileSync(join(root, file), 'utf8')).toContain(from)
      expect(to).not.toBe(from)
    }
  })

  it.runIf(Array.isArray(seenBy))('is noticed by existing tests', () => {
    for (const fragment of seenBy as string[])
      expect(
        existsSync(join(root, fragment)) ||
          ['.test.ts', '.db.test.ts', '.property.test.ts'].some((end) => existsSync(join(root, fragment + end))),
        fragment,
      ).toBe(true)
  })
})

it('each has a unique name', () => {
  expect(new Set(guards.map(({ guard }) => guard)).size).toBe(guards.length)
})

it('the table of docs/histories.md contains all of them; "npm run mutations -- --table" prints it', () => {
  expect(readFileSync(join(root, 'docs/histories.md'), 'utf8')).toContain(`\n${guardTable()}\n`)
})
