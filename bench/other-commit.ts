// Another commit of this repository in a folder of its own, with what is installed here.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, readlink, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('..', import.meta.url))
/** The folder of our own workspaces, which must be those of the other commit. */
const ownScope = '@aisle'

/** Checks `revision` out as a worktree, which is removed at the end. */
export async function checkOut(revision: string): Promise<AsyncDisposable & { root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'aisle-bench-commit-'))
  const git = (...args: string[]) => run('git', args, { cwd: repository })
  await git('worktree', 'add', '--detach', root, revision)
  const remove = async () => void (await git('worktree', 'remove', '--force', root))
  try {
    const locks = await Promise.all([repository, root].map((folder) => readFile(join(folder, 'package-lock.json'))))
    if (locks[0]!.equals(locks[1]!)) await linkInstalled(join(root, 'node_modules'))
    else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root })
    return { root, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function linkInstalled(into: string): Promise<void> {
  const installed = join(repository, 'node_modules')
  await mkdir(join(into, ownScope), { recursive: true })
  for (const name of await readdir(installed))
    if (!name.startsWith('.') && name !== ownScope) await symlink(join(installed, name), join(into, name))
  // These are relative, so the same link leads to the other commit's folder.
  for (const name of await readdir(join(installed, ownScope)))
    await symlink(await readlink(join(installed, ownScope, name)), join(into, ownScope, name))
}
