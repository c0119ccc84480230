// The commands of README and docs can be run as they stand: their scripts exist, and none needs a newer Node than the
// one that README asks for.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './infra-files.ts'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const documents = execFileSync('git', ['ls-files', 'README.md', 'CONTRIBUTING.md', 'docs/*.md', 'compose.yaml'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')

/** `npm run name` and `npm name` of a text. */
const scriptsIn = (text: string) =>
  [...text.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/g)].map(([, run, own]) => (run ?? own)!)

it('every script that a document names exists', () => {
  const named = documents.flatMap((file) => scriptsIn(readFileSync(join(root, file), 'utf8')))
  expect(named.length).toBeGreaterThan(50)
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([])
})

it('every script of TypeScript starts on Node 20', () => {
  const commands = Object.entries(scripts).filter(([, command]) => /\.ts\b|vitest/.test(command))
  expect(commands.length).toBeGreaterThan(15)
  for (const [name, command] of commands) expect(command, name).toContain('exec node dev/bootstrap.mjs ')
})

it('the badges of README say what package.json says', () => {
  const { license, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const badge = (name: string) => readFileSync(join(root, `docs/badges/${name}.svg`), 'utf8')
  expect(badge('licence')).toContain(`>${license}</text>`)
  expect(badge('node')).toContain(`>${engines.node.replace('>=', '')} or newer</text>`)
})

it('no command of a document runs TypeScript without the repository’s own Node', () => {
  const commands = documents.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter(
        (line) =>
          /^(#? {4,}|\s*\$ )\S/.test(line) && /\bnode \S+\.ts\b/.test(line) && !line.includes('exec node main.ts'),
      )
      .map((line) => `${file}: ${line.trim()}`),
  )
  expect(commands).toEqual([])
})

it('every file that a document gives to `npm test` exists', () => {
  const fragments = documents.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/npm test -- ([\w./ -]+)/g)].flatMap(([, words]) =>
      words!.trim().split(' '),
    ),
  )
  const tests = execFileSync('git', ['ls-files', '*.test.ts'], { cwd: root, encoding: 'utf8' })
  expect(fragments.length).toBeGreaterThan(3)
  expect(fragments.filter((fragment) => !tests.includes(fragment) && !existsSync(join(root, fragment)))).toEqual([])
})
