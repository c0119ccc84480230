// The exercises of docs/exercises.md: each fails at first in the tests that the document names and in no other, and its
// solution passes all of them.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { readText, root } from './infra-files.ts'

type Report = { testResults: { name: string; assertionResults: { title: string; status: string }[] }[] }

const folder = mkdtempSync(join(tmpdir(), 'aisle-exercises-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The tests that fail and that pass in each folder of exercises/, when they check this file. */
async function check(file: 'start' | 'solution'): Promise<Map<string, { failed: string[]; passed: number }>> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const written = join(folder, `${file}.json`)
  const options = ['--config', 'exercises/vitest.config.ts', '--reporter=json', `--outputFile=${written}`]
  const env = { ...process.env, EXERCISE: file }
  // It ends with a failure if a test fails.
  await promisify(execFile)(process.execPath, [vitest, 'run', ...options], { cwd: root, env }).catch(() => {})
  const report = JSON.parse(readFileSync(written, 'utf8')) as Report
  return new Map(
    report.testResults.map(({ name, assertionResults }) => [
      name.split('/').at(-2)!,
      {
        failed: assertionResults.filter(({ status }) => status === 'failed').map(({ title }) => title),
        passed: assertionResults.filter(({ status }) => status === 'passed').length,
      },
    ]),
  )
}

/** By folder, the tests that the document says fail at first. */
const announced = new Map(
  readText('docs/exercises.md')
    .split('\n## ')
    .slice(1)
    .map((section) => [
      /`exercises\/([\w-]+)\/`/.exec(section)![1]!,
      [...section.matchAll(/\*\*Fails at first:\*\* "([^"]+)"/g)].map(([, title]) => title!),
    ]),
)

it('each fails at first as the document says', async () => {
  const found = await check('start')
  expect(new Map([...found].map(([folder, { failed }]) => [folder, failed]))).toEqual(announced)
  for (const { passed } of found.values()) expect(passed).toBeGreaterThan(0)
})

it('each has a solution that passes', async () => {
  const found = await check('solution')
  expect([...found.keys()].sort()).toEqual(['1-outbox', '2-inbox', '3-version'])
  for (const [folder, { failed, passed }] of found) {
    expect([folder, failed]).toEqual([folder, []])
    expect(passed).toBeGreaterThan(2)
  }
})

it('the command refuses a number that it does not know', async () => {
  const main = join(root, 'exercises/main.ts')
  const { code, stderr } = await promisify(execFile)(process.execPath, [main, '9']).catch((error) => error)
  expect([code, stderr]).toEqual([2, 'Usage: npm run exercise -- <1, 2 or 3> [--solution]\n'])
})
