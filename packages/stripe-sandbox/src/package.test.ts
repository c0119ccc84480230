// The tarball of `npm pack` works in an empty folder: its program, its function and its types.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const here = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'stripe-sandbox-package-'))
const modules = join(here, '../../node_modules')

beforeAll(() => {
  execFileSync('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], { cwd: here, stdio: 'pipe' })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['install', ...options, `./${tarball}`], { cwd: folder, stdio: 'pipe' })
})
afterAll(() => rmSync(folder, { recursive: true }))

it('its program takes a payment of the SDK, and ends at SIGTERM', async () => {
  const program = spawn(
    process.execPath,
    [join(folder, 'node_modules/.bin/stripe-sandbox'), '--port', '0', '--data', join(folder, 'state')],
    { cwd: folder },
  )
  const ended = once(program, 'exit')
  const failed = ended.then(([code]) => Promise.reject(new Error(`The program ended with ${code}.`)))
  failed.catch(() => {})
  const [said] = (await Promise.race([once(program.stdout, 'data'), failed])) as [Buffer]
  const url = /http:\S+\d/.exec(said.toString())![0]
  const answer = await fetch(`${url}/v1/balance`, { headers: { authorization: 'Bearer sk_test_anything' } })
  expect(await answer.json()).toMatchObject({ object: 'balance', livemode: false })
  program.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

it('its function starts a sandbox in the process, and payments are found by any of their metadata', () => {
  writeFileSync(
    join(folder, 'pay.js'),
    `import { startSandbox } from '@aisle/stripe-sandbox'
     import Stripe from 'stripe'
     const sandbox = await startSandbox({ port: 0, dataDir: ':memory:' })
     const stripe = new Stripe('sk_test_anything', { host: '127.0.0.1', port: sandbox.port, protocol: 'http' })
     const make = (invoice) => stripe.paymentIntents.create({
       amount: 4200, currency: 'eur', metadata: { invoice }, allowed_payment_method_types: ['card'] })
     await make('A-1')
     const wanted = await make('A-2')
     const { data } = await stripe.paymentIntents.search({ query: "metadata['invoice']:'A-2'" })
     console.log(data.length === 1 && data[0].id === wanted.id)
     await sandbox.stop()`,
  )
  expect(execFileSync(process.execPath, ['pay.js'], { cwd: folder, encoding: 'utf8' })).toBe('true\n')
})

it('its types are those of the function', () => {
  writeFileSync(
    join(folder, 'typed.ts'),
    `import { type Sandbox, startSandbox } from '@aisle/stripe-sandbox'
     const sandbox: Sandbox = await startSandbox({ port: 0, dataDir: ':memory:' })
     const port: number = sandbox.port
     // @ts-expect-error a port is no text
     const text: string = sandbox.port
     console.log(port, text)`,
  )
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
  const types = ['--types', 'node', '--typeRoots', join(modules, '@types')]
  expect(() =>
    execFileSync(process.execPath, [join(modules, 'typescript/bin/tsc'), ...options, ...types, 'typed.ts'], {
      cwd: folder,
      stdio: 'pipe',
    }),
  ).not.toThrow()
})
