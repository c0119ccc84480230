/**
 * One data directory, one stack. Distinguishes "another `npm start` is using it" (refuse) from "the one before was
 * killed a moment ago and its server is still shutting down" (wait).
 *
 * The claim is a symlink `<dataDir>/owner` whose target text is `<pid>.<start time>`: it is created atomically with
 * its content, and a pid that was reused by another process does not count. PostgreSQL's own postmaster.pid stays
 * the last guard: two servers never open one cluster even if this file were wrong.
 */
import { readFile, readlink, realpath, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Platform, processesNow } from './processes.mjs'

const POLL_MS = 20
/**
 * A fast shutdown writes one checkpoint: seconds. After this long the leftover server gets the order to drop everything
 * (recovery repairs it).
 */
const PATIENCE_MS = 20_000
const GIVE_UP_MS = 40_000

/**
 * Claims `dataDir` for this process.
 * @returns the function that releases the claim
 * @throws when a living process holds it
 */
export async function claimDataDir(
  dataDir: string,
  platform: Platform = process.platform,
): Promise<() => Promise<void>> {
  const link = path.join(dataDir, 'owner')
  const self = `${process.pid}.${startTime(process.pid, platform)}`
  for (;;) {
    try {
      await symlink(self, link)
      return () => rm(link, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const [pid, started] = (await readlink(link).catch(() => '0.0')).split('.')
    if (started === startTime(Number(pid), platform)) {
      throw new Error(
        `The data directory ${dataDir} is in use by process ${pid}; stop that one first, or set DATA_DIR to another directory`,
      )
    }
    await rm(link, { force: true })
  }
}

/**
 * Waits until no server process of an earlier run is left in `cluster`, and asks it to shut down in case it was not
 * asked yet.
 * @throws when one is still there after 40 s
 */
export async function outliveLeftovers(
  cluster: string,
  log: (line: string) => void,
  platform: Platform = process.platform,
): Promise<void> {
  const place = await realpath(cluster)
  const since = Date.now()
  let asked: NodeJS.Signals | undefined
  for (;;) {
    const left = await processesIn(place, platform)
    if (left.length === 0) break
    const waited = Date.now() - since
    if (waited > GIVE_UP_MS) {
      throw new Error(`PostgreSQL of an earlier run (process ${left[0]}) does not end; kill it and start again`)
    }
    const signal: NodeJS.Signals = waited > PATIENCE_MS ? 'SIGQUIT' : 'SIGINT'
    if (asked !== signal) {
      log(`waiting for PostgreSQL of an earlier run (process ${left[0]}) to shut down`)
      // A second SIGINT is harmless to a server that is already shutting down; orphaned backends have no postmaster
      // to ask.
      const postmaster = await postmasterPid(place)
      for (const pid of postmaster && left.includes(postmaster) ? [postmaster] : left) kill(pid, signal)
      asked = signal
    }
    await sleep(POLL_MS)
  }
  // A pid file that is left now is stale, but its number may belong to an unrelated process by now (in containers
  // it often does), and the server would then refuse to start. If the number is free, the server itself checks and
  // cleans up.
  const pid = await postmasterPid(place)
  if (pid && startTime(pid, platform)) await rm(path.join(place, 'postmaster.pid'), { force: true })
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function postmasterPid(cluster: string): Promise<number | undefined> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  return Number.parseInt(text, 10) || undefined
}

/** The processes of the server whose cluster is `place`. */
async function processesIn(place: string, platform: Platform): Promise<number[]> {
  if (platform !== 'linux') return familyOf(await postmasterPid(place), platform)
  // Postmaster, backends and workers alike have the cluster as their working directory.
  const found: number[] = []
  for (const { pid } of processesNow({ platform }))
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => '')) === place) found.push(pid)
  return found
}

/** A postmaster and its children; none if the number belongs to another program by now. */
function familyOf(postmaster: number | undefined, platform: Platform): number[] {
  if (!postmaster || processesNow({ pid: postmaster, platform })[0]?.name !== 'postgres') return []
  const children = processesNow({ platform }).filter(({ parent }) => parent === postmaster)
  return [postmaster, ...children.map(({ pid }) => pid)]
}

/** Start of a process, as text; undefined when there is no such process or it is dead already. */
const startTime = (pid: number, platform: Platform): string | undefined =>
  pid > 0 ? processesNow({ pid, platform })[0]?.started : undefined
