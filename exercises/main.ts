// `npm run exercise -- 1` checks your solution of an exercise of docs/exercises.md: the file mine.ts in its folder,
// which the first run copies from start.ts. With `--solution` it checks ours.

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const [number, option] = process.argv.slice(2)
const folder = readdirSync(here).find((name) => number && name.startsWith(`${number}-`))
if (!folder || (option !== undefined && option !== '--solution')) {
  console.error('Usage: npm run exercise -- <1, 2 or 3> [--solution]')
  process.exit(2)
}

const file = option === '--solution' ? 'solution' : 'mine'
const mine = join(here, folder, 'mine.ts')
if (file === 'mine' && !existsSync(mine)) {
  copyFileSync(join(here, folder, 'start.ts'), mine)
  console.log(`Edit exercises/${folder}/mine.ts until all tests pass.`)
}
const vitest = join(here, '../node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', join(here, 'vitest.config.ts'), folder], {
  cwd: join(here, '..'),
  stdio: 'inherit',
  env: { ...process.env, EXERCISE: file },
})
process.exitCode = status ?? 1
