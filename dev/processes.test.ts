// The ways of Linux and of macOS, both on this machine: those of macOS need nothing that Linux lacks.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { until } from '@aisle/kit/testing/settled'
import { describe, expect, it, onTestFinished } from 'vitest'
import { processesNow, spawnBound } from './processes.mjs'

const file = pathToFileURL(`${import.meta.dirname}/processes.mjs`)
const isThere = (pid: number) => processesNow({ pid }).length > 0

/** Reports its number, and ends with 7 when it is asked to end. */
const child = `process.on('SIGTERM', () => process.exit(7)); console.log(process.pid); setInterval(() => {}, 1000)`
const parent = (platform: string) => `
  import { spawnBound } from ${JSON.stringify(file)}
  const options = { deathSignal: 'TERM', platform: ${JSON.stringify(platform)}, detached: true, stdio: 'inherit' }
  spawnBound(process.execPath, ['-e', ${JSON.stringify(child)}], options)
  setInterval(() => {}, 1000)
`

describe.each(['linux', 'darwin'] as const)('as on %s', (platform) => {
  it('a child ends with its parent, even after kill -9, and not before', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', parent(platform)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string]
    const pid = Number(line)
    onTestFinished(() => {
      if (isThere(pid)) process.kill(pid, 'SIGKILL')
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(isThere(pid)).toBe(true)
    holder.kill('SIGKILL')
    await until(
      async () => isThere(pid),
      (there) => !there,
      'the child to end',
    )
  })

  it('a child has its own number, takes signals, and reports its end', async () => {
    const started = spawnBound(process.execPath, ['-e', child], {
      deathSignal: 'KILL',
      platform,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: started.stdout! }), 'line')) as [string]
    expect(started.pid).toBe(Number(line))
    started.kill('SIGTERM')
    expect(await once(started, 'exit')).toEqual([7, null])
  })

  it('this process is found with its parent, and an unused number is not', () => {
    const [self] = processesNow({ pid: process.pid, platform })
    expect(self).toMatchObject({ pid: process.pid, parent: process.ppid })
    expect(self!.started).toMatch(/^[\w-]+$/)
    expect(processesNow({ pid: process.pid, platform })).toEqual([self])
    expect(processesNow({ platform }).map(({ pid }) => pid)).toContain(process.ppid)
    expect(processesNow({ pid: 2 ** 22 + 1, platform })).toEqual([])
  })
})

it('a command that is not there is an error of its child, without a guard', async () => {
  const started = spawnBound('/nowhere/at-all', [], { deathSignal: 'KILL', platform: 'darwin' })
  expect(await once(started, 'error')).toMatchObject([{ code: 'ENOENT' }])
})
