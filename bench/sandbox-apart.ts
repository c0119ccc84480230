// Preloaded into a stack under test (node --import): its payment sandbox runs in a process of its own, so that what
// the sandbox costs is not counted as ours. It works on any commit's stack, since every one starts the sandbox through
// this module's name.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { registerHooks } from 'node:module'
import type { Sandbox, SandboxOptions, WebhookEndpoint } from '@aisle/stripe-sandbox/source'
import { spawnBound } from '../dev/processes.mjs'
import { sandboxProgram } from './processes.ts'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@aisle/stripe-sandbox/source'
      ? { url: import.meta.url, shortCircuit: true }
      : next(specifier, context),
})

export async function startSandbox({ port, dataDir }: SandboxOptions): Promise<Sandbox> {
  const child: ChildProcess = spawnBound(
    process.execPath,
    [sandboxProgram, '--port', String(port), '--data', dataDir],
    {
      deathSignal: 'TERM',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  // It says one line, once it answers.
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('The payment sandbox ended while starting.')
    }),
  ])
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    deliverTo: (endpoint) => void register(url, endpoint),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function register(url: string, endpoint: WebhookEndpoint): Promise<void> {
  const answer = await fetch(`${url}/_sandbox/webhook-endpoint`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(endpoint),
  })
  if (!answer.ok) throw new Error(`The payment sandbox refused its webhook endpoint: ${await answer.text()}`)
}
