// Lines are at most 120 characters long. A string that cannot be broken may be longer, and so may a table or a
// command in a document.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './infra-files.ts'

const longest = 120

const files = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns], { cwd: root })
    .toString()
    .split('\0')
    .filter(Boolean)

/** Whether a line of code is long although it holds no string, regular expression or text of a page. */
export const isTooLongCode = (line: string): boolean =>
  line.length > longest && (/^\s*(\/\/|\/?\*)/.test(line) || !/['"`/]|\bclass(Name)?=|<\/?\w/.test(line))

/** Whether a line of a document is long although it is prose. */
export const isTooLongProse = (line: string): boolean =>
  line.length > longest && !/^\s*\||^ {4}|^```|^\s*<|^\[[^\]]+\]:/.test(line) && /\s/.test(line.slice(0, longest))

const tooLong = (names: readonly string[], isTooLong: (line: string) => boolean) =>
  names.flatMap((name) =>
    readFileSync(join(root, name), 'utf8')
      .split('\n')
      .flatMap((line, index) => (isTooLong(line) ? [`${name}:${index + 1}`] : [])),
  )

it('code and comments fit', () => {
  const code = files('*.ts', '*.tsx', '*.mjs')
  expect(code.length).toBeGreaterThan(500)
  expect(tooLong(code, isTooLongCode)).toEqual([])
})

it('prose fits', () => {
  const documents = files('*.md').filter((name) => name !== 'docs/assurance.md')
  expect(documents.length).toBeGreaterThan(20)
  expect(tooLong(documents, isTooLongProse)).toEqual([])
})

it('sees what does not fit', () => {
  const words = 'many words '.repeat(12)
  expect([isTooLongCode(`// ${words}`), isTooLongCode(` * ${words}`), isTooLongProse(words)]).toEqual([
    true,
    true,
    true,
  ])
  expect([isTooLongCode(`const text = '${words}'`), isTooLongProse(`| ${words} |`)]).toEqual([false, false])
})
