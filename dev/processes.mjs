/**
 * What Linux and macOS do differently about processes. `platform` is `process.platform`; tests pass another one.
 * Plain JavaScript that imports nothing but Node: dev/bootstrap.mjs needs it before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const guardFile = fileURLToPath(new URL('./end-with-parent.mjs', import.meta.url))

/**
 * Starts a command that is sent `deathSignal` (TERM, INT, KILL) when this process ends, however that happens. On Linux
 * the kernel does it, asked by setpriv. Elsewhere a guard does: one process that notices the end of the pipe which
 * this process holds. `user` is whom the command runs as.
 */
export function spawnBound(command, args, { deathSignal, user, platform = process.platform, ...options }) {
  if (platform === 'linux') {
    // setpriv asks for the signal after it has changed the user; the other way round the kernel would forget it.
    const as = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
    return spawn('setpriv', [...as, '--pdeathsig', deathSignal, '--', command, ...args], options)
  }
  const child = spawn(command, args, { ...options, ...user })
  if (child.pid === undefined) return child
  const guard = openGuard()
  guard.write(`${child.pid} ${deathSignal}\n`)
  child.once('exit', () => guard.write(`${child.pid} gone\n`))
  return child
}

let pipe

function openGuard() {
  if (pipe) return pipe
  // In a session of its own: Ctrl-C in a terminal ends those that it guards in order, not the guard.
  const guard = spawn(process.execPath, [guardFile], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard.unref()
  guard.stdin.unref()
  guard.stdin.on('error', () => {})
  pipe = guard.stdin
  return pipe
}

/**
 * All processes, or the one with the number `pid`: number, parent, name, and the start as text that another process
 * with the same number does not have. Dead processes that were not collected are left out.
 */
export function processesNow({ pid, platform = process.platform } = {}) {
  if (platform !== 'linux') return listed(pid)
  const pids = pid === undefined ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [pid]
  return pids.flatMap((one) => {
    try {
      const text = readFileSync(`/proc/${one}/stat`, 'utf8')
      // "pid (name with any characters) state ppid ...": state is the 3rd field, the start the 22nd.
      const end = text.lastIndexOf(')')
      const fields = text.slice(end + 2).split(' ')
      if (fields[0] === 'Z' || fields[0] === 'X') return []
      const name = text.slice(text.indexOf('(') + 1, end)
      return [{ pid: Number(one), parent: Number(fields[1]), name, started: fields[19] }]
    } catch {
      return []
    }
  })
}

/** The same, by the command `ps`. */
function listed(pid) {
  const which = pid === undefined ? ['-ax'] : ['-p', String(pid)]
  const format = ['-o', 'pid=', '-o', 'ppid=', '-o', 'stat=', '-o', 'lstart=', '-o', 'comm=']
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' }
  const { stdout = '' } = spawnSync('ps', [...which, ...format], { encoding: 'utf8', env })
  return stdout.split('\n').flatMap((line) => {
    // The start is like "Thu Nov 26 17:00:00 2026", with blanks in place of a second digit.
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line)
    if (!found || found[3].startsWith('Z')) return []
    const name = found[5].trim().split('/').at(-1)
    return [{ pid: Number(found[1]), parent: Number(found[2]), name, started: found[4].replaceAll(/[\s:]+/g, '-') }]
  })
}
