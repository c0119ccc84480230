// `npm run new` in a copy of the repository: what it writes passes types, lint, the import law, the check of the lists
// and its own tests.

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './infra-files.ts'

const copy = mkdtempSync(join(tmpdir(), 'aisle-new-'))
const git = (at: string, ...args: string[]) => execFileSync('git', args, { cwd: at, encoding: 'utf8' })

beforeAll(() => {
  const files = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean)
  for (const file of files) cpSync(join(root, file), join(copy, file))
  const [ours, theirs] = [join(copy, 'node_modules'), join(root, 'node_modules')]
  mkdirSync(ours)
  // Of the packages all are shared but the workspaces, whose links are relative and lead to the copies.
  for (const name of readdirSync(theirs))
    if (name === '@aisle') cpSync(join(theirs, name), join(ours, name), { recursive: true, verbatimSymlinks: true })
    else if (name !== '.cache') symlinkSync(join(theirs, name), join(ours, name))
  git(copy, 'init', '--quiet')
  git(copy, 'add', '--all')
})
afterAll(() => rmSync(copy, { recursive: true }))

/** Runs a program of the copy; its output if it succeeds, else an error that contains it. */
function run(file: string, ...args: string[]): string {
  const env = { ...process.env, NO_COLOR: '1', VITEST: undefined, TEST_STACK: 'single' } as NodeJS.ProcessEnv
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, file), ...args], {
    cwd: copy,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}
const make = (...args: string[]) => run('dev/new/main.ts', ...args)
const vitest = (...files: string[]) => run('node_modules/vitest/vitest.mjs', 'run', ...files)
const changed = () => git(copy, 'status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean)

describe('a name that cannot be is refused in one sentence, and nothing is written', () => {
  it.each([
    ['service', 'Notices', '"Notices" cannot name a service: a name is 3 to 20 small letters, like "notices".'],
    ['service', '../web', '"../web" cannot name a service: a name is 3 to 20 small letters, like "notices".'],
    ['service', 'user', '"user" cannot name a service: it already means something else.'],
    ['service', 'events', '"events" cannot name a service: the paths /api/events belong to tickets.'],
    ['service', 'orders', 'There is already a service orders.'],
    ['feature', 'orders', 'GiftTicket', '"GiftTicket" cannot name a feature: a name says what happens,'],
    ['feature', 'orders', 'gift', '"gift" cannot name a feature: a name says what happens,'],
    ['feature', 'orders', 'cancel-order', 'There is already a feature cancelOrder in services/orders/service.ts.'],
    ['feature', 'shop', 'gift-ticket', 'There is no service "shop"; the services are auth, tickets, orders,'],
    ['page', 'home', 'Usage: npm run new -- service <name>, or npm run new -- feature <service> <what-happens>.'],
  ])('%s %s %s', (...words) => {
    const sentence = words.at(-1)!
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(copy, 'dev/new/main.ts'), ...words.slice(0, -1)],
      { cwd: copy, encoding: 'utf8' },
    )
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).toContain(sentence)
    expect(git(copy, 'diff', '--stat')).toBe('')
  })
})

describe('a service and two features', () => {
  beforeAll(() => {
    const said = [
      make('service', 'souvenirs'),
      make('feature', 'orders', 'gift-ticket'),
      // The first endpoint of a service that had none.
      make('feature', 'expiration', 'pause-timers'),
    ]
    for (const one of said) {
      expect(one).toMatch(/^Written:\n/)
      expect(one).not.toContain('Left to do')
    }
    git(copy, 'add', '--intent-to-add', '--all')
  })

  it('are files of their own, and entries in lists', () => {
    const own = changed().flatMap((line) => /^ A (.+)/.exec(line)?.[1] ?? [])
    expect(own.sort()).toEqual([
      'contracts/api/expiration.ts',
      'contracts/api/souvenirs.ts',
      'infra/k8s/services/souvenirs/kustomization.yaml',
      'infra/k8s/services/souvenirs/route.yaml',
      'infra/k8s/services/souvenirs/values.yaml',
      'services/expiration/features/pause-timers.ts',
      'services/orders/features/gift-ticket.ts',
      'services/souvenirs/context.ts',
      'services/souvenirs/features/my-souvenirs.ts',
      'services/souvenirs/holds.ts',
      'services/souvenirs/main.ts',
      'services/souvenirs/migrations/0001_souvenirs.sql',
      'services/souvenirs/package.json',
      'services/souvenirs/service.ts',
      'tests/journeys/gift-ticket.test.ts',
      'tests/journeys/pause-timers.test.ts',
      'tests/journeys/souvenirs.test.ts',
    ])
    expect(readFileSync(join(copy, 'services/orders/service.ts'), 'utf8')).toMatch(
      /\bcancelAsAdmin,\s+giftTicket,?\s+\]/,
    )
  })

  it('pass types and lint', () => {
    expect(run('node_modules/typescript/bin/tsc', '--noEmit')).toBe('')
    expect(run('node_modules/@biomejs/biome/bin/biome', 'check', '.')).toContain('No fixes applied')
  })

  it('keep the import law, are in every list, and pass their own tests', () => {
    const report = vitest(
      'tests/import-law.test.ts',
      'tests/services.test.ts',
      'tests/infra.test.ts',
      'tests/lines.test.ts',
      'tests/tables.db.test.ts',
      'contracts/openapi.test.ts',
      'dev/asyncapi.test.ts',
      'tests/manifests.test.ts',
      'tests/journeys/souvenirs.test.ts',
      'tests/journeys/gift-ticket.test.ts',
      'tests/journeys/pause-timers.test.ts',
    )
    expect(report).toMatch(/Test Files\s+11 passed \(11\)/)
  })

  it('have a lock file that npm accepts as it is', () => {
    const before = readFileSync(join(copy, 'package-lock.json'), 'utf8')
    execFileSync('npm', ['ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: copy,
      stdio: 'pipe',
    })
    expect(readFileSync(join(copy, 'package-lock.json'), 'utf8')).toBe(before)
  })

  it('are not written a second time', () => {
    expect(() => make('service', 'souvenirs')).toThrow('There is already a service souvenirs.')
    expect(() => make('feature', 'orders', 'gift-ticket')).toThrow('There is already a feature giftTicket')
  })

  it('say what is left to do where a file is not as they know it', () => {
    writeFileSync(join(copy, 'infra/skaffold.yaml'), 'apiVersion: skaffold/v4beta11\n')
    expect(make('service', 'raffles')).toContain(
      '\nLeft to do:\n  infra/skaffold.yaml: add an artifact aisle-raffles, like that of tickets.\nThen: ',
    )
    expect(() => vitest('tests/services.test.ts')).toThrow(
      'infra/skaffold.yaml has no service raffles: add an artifact',
    )
  })
})
