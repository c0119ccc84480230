// A program as a separate process that is restarted when it ends: what an orchestrator does, on one machine.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@aisle/kit/log'
import { type Platform, spawnBound } from './processes.mjs'

const againAfterMs = 250
const lookEveryMs = 50
const readyWithinMs = 60_000
const stopWithinMs = 27_000

export type Supervised = {
  readonly name: string
  /** Where it answers, also after a restart. */
  readonly origin: string
  /** Sends a signal like `kill`: SIGKILL, SIGSTOP, SIGCONT ... It is restarted if it ends. */
  signal(name: NodeJS.Signals): void
  /** Resolves when it reports that it is ready; rejects after a minute. */
  ready(): Promise<void>
  /**
   * Ends it in order (SIGTERM), and for good unless it is started. Resolves to what went wrong, or to null when it
   * ended in order.
   */
  stop(): Promise<string | null>
  /** Starts it after a stop; from now on with another file as its code if one is given. */
  start(file?: string): void
}

export type Program = {
  name: string
  file: string
  port: number
  env: Readonly<Record<string, string | number>>
  /** The path that it answers with 200 once it is ready. */
  readyPath: string
  log: Log
  /** Default: that of this machine. */
  platform?: Platform
}

/** Starts the program, and restarts it whenever it ends, until `stop`. */
export function supervise({ name, file, port, env, readyPath, log, platform }: Program): Supervised {
  const origin = `http://127.0.0.1:${port}`
  let code = file
  let wanted = true
  let child = run()
  return {
    name,
    origin,
    signal: (signal) => void child.kill(signal),
    async ready() {
      const deadline = performance.now() + readyWithinMs
      for (;;) {
        const isReady = await fetch(`${origin}${readyPath}`, { signal: AbortSignal.timeout(1_000) }).then(
          ({ ok }) => ok,
          () => false,
        )
        if (isReady) return
        if (performance.now() > deadline) throw new Error(`${name} was not ready within ${readyWithinMs / 1000} s.`)
        await sleep(lookEveryMs)
      }
    },
    async stop() {
      wanted = false
      if (isOver(child)) return null
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      child.kill('SIGCONT')
      const impatience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(impatience)
      if (child.signalCode === 'SIGKILL')
        return `${name} had to be killed ${stopWithinMs / 1000} s after it was to stop`
      return child.exitCode ? `${name} stopped with the exit code ${child.exitCode}` : null
    },
    start(file = code) {
      code = file
      wanted = true
      if (isOver(child)) child = run()
    },
  }

  function run(): ChildProcess {
    // It ends with this process, however that ends.
    const started = spawnBound(process.execPath, [code], {
      deathSignal: 'KILL',
      platform,
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...textOf(env) },
      stdio: ['ignore', 'inherit', 'inherit'],
      // In a session of its own, so that a terminal's Ctrl-C reaches it through this process, in order.
      detached: true,
    })
    started.once('exit', (exitCode, signal) => {
      if (!wanted) return
      log.warn({ program: name, code: exitCode, signal }, 'a program ended; restarting it')
      setTimeout(() => {
        if (wanted && isOver(child)) child = run()
      }, againAfterMs)
    })
    started.once('error', (error) => log.error({ err: error, program: name }, 'could not start a program'))
    return started
  }
}

/** Whether a child process has ended. */
export const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

const textOf = (env: Program['env']) =>
  Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]))
