// `npm run dev`: like `npm start`, and restarts when a source file changes. Data and sessions survive.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'

const folders = ['contracts', 'http', 'tracing', 'kit', 'services', 'packages', 'web', 'front-door', 'dev']
/** Editors write a file in several steps. */
const quietMs = 150

let child: ChildProcess = run()
let timer: NodeJS.Timeout | null = null
let restarting = false
let stopping = false

for (const folder of folders) {
  watch(folder, { recursive: true }, (_event, file) => {
    if (!file || !/\.(tsx?|css|sql)$/.test(file) || file.endsWith('.test.ts')) return
    if (timer) clearTimeout(timer)
    timer = setTimeout(() => void restart(`${folder}/${file}`), quietMs)
  })
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping = true
    child.kill(signal)
    if (child.exitCode !== null) process.exit(0)
  })
}

function run(): ChildProcess {
  const started = spawn(process.execPath, [new URL('./start.ts', import.meta.url).pathname], { stdio: 'inherit' })
  started.on('exit', (code) => {
    if (stopping) process.exit(code ?? 1)
    if (!restarting) console.log('It ended. Waiting for a change ...')
  })
  return started
}

async function restart(file: string): Promise<void> {
  if (restarting || stopping) return
  restarting = true
  console.log(`\n${file} has changed; starting again ...`)
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  restarting = false
  if (!stopping) child = run()
}
