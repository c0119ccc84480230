// npm run screenshots -- <folder>: every page in every state, wide and narrow, light and dark, from the table
// of every-page.ts.

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const folder = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? 'screenshots')
const vitest = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')
const run = spawn(process.execPath, [vitest, 'run', 'tests/e2e/every-'], {
  cwd: resolve(import.meta.dirname, '../..'),
  stdio: 'inherit',
  env: { ...process.env, SCREENSHOTS: folder, CI: 'true' },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal))
run.once('exit', (code) => {
  if (code === 0) console.log(`The screenshots are in ${folder}`)
  process.exitCode = code ?? 1
})
