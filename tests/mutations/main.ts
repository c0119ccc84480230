// npm run mutations: removes one guard after the other, in a copy of the source tree, and reports the first test that
// fails without it. It fails if no test notices, or if a guard is no longer where it should be.
//
//     npm run mutations                 all of them
//     npm run mutations -- lock         those with `lock` in their name
//     npm run mutations -- --table      the table of docs/histories.md; nothing is tested

import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { guards, guardTable } from './guards.ts'
import type { Mutation } from './mutation.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const wanted = process.argv.slice(2)
if (wanted.includes('--table')) {
  console.log(guardTable())
  process.exit()
}
const chosen = guards.filter(({ guard }) => wanted.every((word) => guard.includes(word)))
const copy = mkdtempSync(join(tmpdir(), 'aisle-mutations-'))
let survived = 0
try {
  copyTree()
  console.log('| guard | taken away | noticed by |\n|---|---|---|')
  for (const mutation of chosen) {
    const noticed = tryOut(mutation)
    if (!noticed) survived++
    console.log(`| ${mutation.guard} | ${mutation.away} | ${noticed ?? '**nobody**'} |`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
if (survived > 0) console.error(`${survived} of ${chosen.length} guards can be taken away unnoticed.`)
process.exitCode = survived === 0 ? 0 : 1

/**
 * Copies the current files, committed or not. The packages beside them link back to this copy and not to the
 * original.
 */
function copyTree(): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  execFileSync('tar', ['-C', root, '--null', '--ignore-failed-read', '-T', '-', '-cf', join(copy, 'tree.tar')], {
    input: files,
  })
  execFileSync('tar', ['-C', copy, '-xf', join(copy, 'tree.tar')])
  const [from, to] = [join(root, 'node_modules'), join(copy, 'node_modules')]
  mkdirSync(join(to, '@aisle'), { recursive: true })
  for (const name of readdirSync(from)) if (name !== '@aisle') symlinkSync(join(from, name), join(to, name))
  for (const name of readdirSync(join(from, '@aisle')))
    symlinkSync(readlinkSync(join(from, '@aisle', name)), join(to, '@aisle', name))
}

/** The name of the first test that fails without the guard; null if none does. */
function tryOut({ guard, edits, seenBy }: Mutation): string | null {
  const before = new Map(edits.map(({ file }) => [file, readFileSync(join(copy, file), 'utf8')]))
  try {
    for (const { file, from, to } of edits) {
      const text = readFileSync(join(copy, file), 'utf8')
      if (!text.includes(from)) throw new Error(`The guard "${guard}" is not where it was: ${file} has no \`${from}\`.`)
      writeFileSync(
        join(copy, file),
        text.replace(from, () => to),
      )
    }
    return Array.isArray(seenBy) ? noticedByTests(seenBy) : noticedByHistories(seenBy.histories)
  } finally {
    for (const [file, text] of before) writeFileSync(join(copy, file), text)
  }
}

function noticedByTests(files: string[]): string | null {
  const { stderr, status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=report.json', '--bail=1', ...files],
    { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return status === 0 ? null : firstFailure(stderr)
}

function noticedByHistories({ from, count }: { from: number; count: number }): string | null {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['tests/histories/main.ts', '--from', `${from}`, '--count', `${count}`, '--bail'],
    { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  if (status === 0) return null
  const wrong = /^seed (\d+),[\s\S]*?WRONG: (.*)$/m.exec(stdout)
  if (!wrong) throw new Error(`The histories ended for another reason: ${stderr.slice(0, 1_000)}`)
  return `history ${wrong[1]}: ${wrong[2]}`
}

type Report = {
  testResults: { name: string; message: string; assertionResults: { status: string; fullName: string }[] }[]
}

function firstFailure(errors: string): string {
  const file = join(copy, 'report.json')
  if (!existsSync(file)) throw new Error(`The tests did not run: ${errors.slice(0, 1_000)}`)
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  rmSync(file)
  for (const { name, message, assertionResults } of report.testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed')
    const test = name.split('/').at(-1)
    if (failed) return `${test}: ${failed.fullName}`
    if (message) return `${test}: the books at its end (${message.split('\n')[0]?.slice(0, 80)})`
  }
  throw new Error(`The tests failed for another reason: ${errors.slice(0, 1_000)}`)
}
