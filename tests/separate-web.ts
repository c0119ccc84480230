// A web server in its own process.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Log } from '@aisle/kit/log'
import { compileCache } from './separate-service.ts'

export type WebValues = {
  apiUrl: string
  publicUrl: string
  paymentOrigins: readonly string[]
  buildDirectory: string
  level: Log['level']
  /** The configuration that every service gets. */
  config: Readonly<Record<string, string | number>>
}

export type SeparateWeb = {
  readonly url: string
  /** Stops it gracefully; resolves when the process is gone. */
  stop(): Promise<void>
}

/** @throws when it does not start */
export async function forkWeb(values: WebValues): Promise<SeparateWeb> {
  const child = fork(fileURLToPath(new URL('web-process.ts', import.meta.url)), [JSON.stringify(values)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Not those of the test runner.
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production', NODE_COMPILE_CACHE: compileCache },
  })
  const ended = once(child, 'exit')
  const url = await Promise.race([once(child, 'message').then(([told]) => String(told)), ended.then(() => null)])
  if (url === null) throw new Error('The web server does not start.')
  return {
    url,
    async stop() {
      child.disconnect()
      await ended
    },
  }
}
