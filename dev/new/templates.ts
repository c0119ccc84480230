// The text of new files: those of templates/, at the same path, with names in place of __words__.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const folder = join(import.meta.dirname, 'templates')
const ending = '.txt'

/** The files of one kind by path, each `__word__` in path and text replaced by its value. */
export function filesFrom(
  kind: 'service' | 'feature' | 'endpoint',
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const fill = (text: string) =>
    Object.entries(values).reduce((filled, [word, value]) => filled.replaceAll(`__${word}__`, value), text)
  const files = readdirSync(join(folder, kind), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [fill(relative(join(folder, kind), path).slice(0, -ending.length)), fill(readFileSync(path, 'utf8'))]
    }),
  )
}
