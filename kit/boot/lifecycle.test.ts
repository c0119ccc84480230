import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'aisle-lifecycle-'))
const fifo = join(folder, 'fifo')
beforeAll(() => execFileSync('mkfifo', [fifo]))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that stops in this way; resolves once it handles signals. */
async function program(stop: string, deadlineMs = 60_000): Promise<ChildProcess> {
  const lifecycle = JSON.stringify(new URL('lifecycle.ts', import.meta.url).href)
  const code = `
    import { open } from 'node:fs'
    const { stopOnSignal } = await import(${lifecycle})
    stopOnSignal(${stop}, ${deadlineMs})
    setInterval(() => {}, 1000)
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'pipe'] })
  await once(child.stdout!, 'data')
  return child
}

/** How it ends after these signals: the exit code, or the signal that ended it. */
async function ending(child: ChildProcess, signals: readonly NodeJS.Signals[]): Promise<number | string> {
  const exit = once(child, 'exit')
  for (const signal of signals) child.kill(signal)
  const [code, signal] = await exit
  return code ?? signal
}

it('stops in order at a signal, and reports success in the exit code', async () => {
  expect(await ending(await program('async () => {}'), ['SIGTERM'])).toBe(0)
  expect(await ending(await program('async () => { throw new Error() }'), ['SIGINT'])).toBe(1)
})

it('ends at once at another signal', async () => {
  expect(await ending(await program('() => new Promise(() => {})'), ['SIGTERM', 'SIGINT'])).toBe(1)
})

it('ends a stop that takes too long, even while a thread of Node waits for something that does not come', async () => {
  const child = await program(`() => new Promise(() => open('${fifo}', 'r', () => {}))`, 100)
  expect(await ending(child, ['SIGTERM'])).toBe('SIGKILL')
})
