// The paths of docs/architecture.md: each file imports the next one, and what lies between two lines carries it on.

import { dirname, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readText } from './infra-files.ts'

const page = readText('docs/architecture.md')
const section = page.slice(page.indexOf('## Four paths'), page.indexOf('## The import law'))
/** The paths: blocks of indented lines. */
const paths = section
  .split('\n\n')
  .filter((block) => block.startsWith('    '))
  .map((block) => block.split('\n').map((line) => line.trim()))

function imports(file: string, target: string): boolean {
  const way = relative(dirname(file), target)
  const names = [way.startsWith('.') ? way : `./${way}`, `@aisle/${target.replace(/\.tsx?$/, '')}`]
  return names.some((name) => readText(file).includes(`from '${name}'`))
}

/** Where the things that carry a path on are declared. */
const declarations = [
  'contracts/api/orders.ts',
  'contracts/api/payments.ts',
  'contracts/messages/orders.ts',
  'contracts/messages/payments.ts',
  'contracts/messages/tickets.ts',
  'contracts/messages/expiration.ts',
  'services/payments/call.ts',
  'services/payments/stripe/webhook.ts',
].map(readText)

/** The name by which code knows a message, work, or an endpoint; null when there is none. */
function nameOf(hop: string): string | null {
  const [kind = '', what = ''] = hop.split(' ')
  const patterns = [
    `export const (\\w+) = message\\(\\s*'\\w+',\\s*'${what}'`,
    `export const (\\w+) = work\\(\\s*'${what}'`,
    `export const (\\w+) = endpoint\\(\\{\\s*method: '${kind}',\\s*path: '${what}'`,
  ]
  for (const pattern of patterns)
    for (const source of declarations) {
      const found = new RegExp(pattern).exec(source)
      if (found?.[1]) return found[1]
    }
  return null
}

const isChain = (line: string) => line.includes(' > ')
const mentions = (file: string, name: string) => new RegExp(`\\b${name}\\b`).test(readText(file))

describe.each(paths.map((lines) => [lines[0], lines] as const))('the path from %s', (_, lines) => {
  it.each(lines.filter(isChain))('%s', (line) => {
    const files = line.split(' > ')
    for (const [nth, file] of files.entries()) {
      const next = files[nth + 1]
      if (next) expect([file, 'imports', next, imports(file, next)]).toEqual([file, 'imports', next, true])
      if (next) expect([next, 'imports', file, imports(next, file)]).toEqual([next, 'imports', file, false])
    }
  })

  it('is carried on by what both sides know', () => {
    for (const [nth, hop] of lines.entries()) {
      if (isChain(hop)) continue
      const name = nameOf(hop)
      expect([hop, name]).toEqual([hop, expect.any(String)])
      const sides = [lines[nth - 1]?.split(' > '), lines[nth + 1]?.split(' > ').slice(0, 1)]
      for (const side of sides)
        if (side) expect([hop, side, side.some((file) => mentions(file, name!))]).toEqual([hop, side, true])
    }
  })
})

it('there are four, and some', () => {
  expect(paths.length).toBeGreaterThanOrEqual(5)
})
