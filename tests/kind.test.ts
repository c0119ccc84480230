// The scripts of infra/kind: the sale runs against a running marketplace, the cluster test against stand-in
// commands.

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { services } from '@aisle/contracts/endpoint'
import { expect, it } from 'vitest'
import { root } from './infra-files.ts'
import { openWorld } from './world.ts'

const scripts = ['infra/kind/sale.sh', 'infra/kind/test.sh', 'infra/k8s/roll-out.sh']

it.for(scripts)('%s is a script that bash understands', (script) => {
  expect(spawnSync('bash', ['-n', script], { cwd: root, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

/** Not spawnSync: the marketplace is in this process. */
async function sell(url: string, within: number): Promise<{ status: number | null; said: string }> {
  const urls = Object.fromEntries(['AUTH', 'TICKETS', 'ORDERS', 'PAYMENTS'].map((name) => [`${name}_URL`, url]))
  const child = spawn('infra/kind/sale.sh', {
    cwd: root,
    env: { ...process.env, ...urls, SALE_WITHIN_SECONDS: String(within) },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, said }
}

it('a sale is made, and a failed one is reported', async () => {
  await using world = await openWorld()
  const sold = await sell(world.stack.url, 60)
  expect(sold).toMatchObject({ status: 0, said: expect.stringMatching(/^Sold ticket \S+ by order \S+\.$/m) })
  await world.stack.stopService('payments')
  const failed = await sell(world.stack.url, 3)
  expect(failed).toMatchObject({ status: 1, said: expect.stringContaining('Waited 3 s for it to be paid') })
})

/** Runs test.sh with commands that record their calls; `answers` are shell cases for their output. */
function run(answers = ''): { status: number | null; asked: string[]; sales: number } {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-kind-'))
  try {
    for (const command of ['kind', 'kubectl', 'docker', 'node', 'curl']) {
      const text = `#!/bin/sh\necho "${command} $*" >> ${folder}/log\ncase "${command} $*" in\n${answers}\ncurl*/api/orders/*) echo '{"status":"complete awaiting:payment"}' ;;\nesac\n`
      writeFileSync(join(folder, command), text)
      chmodSync(join(folder, command), 0o755)
    }
    // The sale has its own test.
    const script = readFileSync(join(root, 'infra/kind/test.sh'), 'utf8')
      .replace('cd "$(dirname "$0")/../.."', `cd ${root}`)
      .replace('infra/kind/sale.sh', `echo sale >> ${folder}/log; ${answers.includes('no-sale') ? 'false' : 'true'}`)
      .replace('overlay=infra/k8s/overlays/dev', `overlay=${folder}/overlay`)
    writeFileSync(join(folder, 'test.sh'), script)
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
    const { status } = spawnSync('bash', [join(folder, 'test.sh')], { env, encoding: 'utf8' })
    const asked = readFileSync(join(folder, 'log'), 'utf8').split('\n').filter(Boolean)
    return { status, asked, sales: asked.filter((line) => line === 'sale').length }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
/** In the order of the script, which is that of the folders. */
const programs = [...services.toSorted(), 'web']

it('a cluster is created, sales work before and after each pod is deleted, and it is removed', () => {
  const { status, asked, sales } = run()
  expect(status).toBe(0)
  const deleted = asked.flatMap((line) => / delete pod .*name=(\S+)/.exec(line)?.[1] ?? [])
  expect(deleted).toEqual([...programs, 'postgres', 'nats', 'stripe-sandbox'])
  expect(sales).toBe(1 + deleted.length)
  const built = asked.flatMap((line) => /^docker build .*WORKSPACE=(\S+)/.exec(line)?.[1] ?? [])
  expect(built).toHaveLength(programs.length + 1)
  expect(built.filter((workspace) => !existsSync(join(root, workspace, 'package.json')))).toEqual([])
  expect(asked).toContain('kind delete cluster --name aisle-test')
})

it.for([
  ['nothing can be bought', '# no-sale'],
  ['a pod does not become ready', '*"rollout status deployment/orders"*) exit 1 ;;'],
] as const)('it fails when %s, and removes the cluster', ([, answers]) => {
  const { status, asked } = run(answers)
  expect(status).not.toBe(0)
  expect(asked).toContain('kind delete cluster --name aisle-test')
})
