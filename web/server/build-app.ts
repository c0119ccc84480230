// Builds the pages if their sources have changed since the last build, so `npm start` needs no step before it.
// A build is stored under the hash of its sources and appears there atomically: two concurrent starts never see
// half of one.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = join(dirname(fileURLToPath(import.meta.url)), '..')
const root = join(web, '..')
const cache = join(root, 'node_modules/.cache/aisle-web')
const cli = join(root, 'node_modules/@react-router/dev/bin.cjs')
/** The inputs of a build. */
const sources = [
  'web/app',
  'web/server/signed-in.ts',
  'web/server/visit.ts',
  'web/public',
  'web/vite.config.ts',
  'web/react-router.config.ts',
  'contracts',
  'http',
  'packages/client',
  'package-lock.json',
]
/** A build that no start has used for a week. */
const staleMs = 7 * 86_400_000

/** The directory of a build of the current sources; it contains `server/` and `client/`. */
export async function buildApp(): Promise<string> {
  const target = join(cache, await hashOf(sources))
  if (existsSync(target)) return target
  const unfinished = `${target}.${process.pid}`
  await mkdir(cache, { recursive: true })
  try {
    await run(unfinished)
    await rename(unfinished, target).catch((error: NodeJS.ErrnoException) => {
      // Another start with the same sources was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  await forgetStale()
  return target
}

async function hashOf(places: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const place of places) {
    for (const file of await filesIn(join(root, place))) {
      hash.update(`${relative(root, file)}\n`).update(await readFile(file))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

async function filesIn(place: string): Promise<string[]> {
  if (!(await stat(place)).isDirectory()) return [place]
  const entries = await readdir(place, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function run(buildDirectory: string): Promise<void> {
  const output: Buffer[] = []
  const child = spawn(process.execPath, [cli, 'build'], {
    cwd: web,
    env: { ...process.env, NODE_ENV: 'production', WEB_BUILD_DIRECTORY: relative(web, buildDirectory) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => output.push(part))
  // A start that is stopped does not leave its build running.
  const abandon = () => child.kill()
  process.once('exit', abandon)
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve))
  process.off('exit', abandon)
  if (code !== 0) throw new Error(`The web pages could not be built:\n${Buffer.concat(output)}`)
}

async function forgetStale(): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > staleMs) await rm(path, { recursive: true, force: true })
  }
}
