// `npm run recording -- <file>`: films two browsers that race for one ticket. The file is docs/race.png by default.

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')
const file = process.argv[2] ? resolve(process.env.INIT_CWD ?? '.', process.argv[2]) : resolve(root, 'docs/race.png')
const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
const run = spawn(process.execPath, [vitest, 'run', 'tests/e2e/recording/race'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, RECORDING: file, CI: 'true' },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal))
run.once('exit', (code) => {
  if (code === 0) console.log(`The recording is in ${file}`)
  process.exitCode = code ?? 1
})
