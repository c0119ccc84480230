// docs/deploy.md can be followed: what its commands name exists, what the manifests need is made by one of them, and
// images that are not pushed and pinned are refused.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { services } from '@aisle/contracts/endpoint'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeSecrets } from '../infra/make-secrets.ts'
import { imagesComponent } from '../infra/pin-images.ts'
import { hasKubectl, parseLines, readText, renderOverlay, root, secrets } from './infra-files.ts'

const page = readText('docs/deploy.md')
/** The commands of the page, the lines of a loop joined. */
const commands = page.split('\n').flatMap((line) => /^ {4,}(\S.*)$/.exec(line)?.[1] ?? [])
const programs = [...services, 'web']
const digest = `sha256:${'0a'.repeat(32)}`

describe('docs/deploy.md', () => {
  it('names only files that are in the repository or made by a command before', () => {
    const made = ['infra/k8s/overlays/dev/.data']
    const named = commands.flatMap((line) =>
      [...line.matchAll(/(?:^|[\s=])(infra\/[\w./$-]+)/g)].map(([, path]) => path!),
    )
    expect(named.length).toBeGreaterThan(20)
    for (const path of named) {
      const secret = /^infra\/\.data\/(.+)$/.exec(path)?.[1]
      if (secret) expect(Object.keys(secrets)).toContain(secret.replace('$s', 'orders'))
      else if (!made.includes(path)) expect(existsSync(join(root, path)), path).toBe(true)
    }
  })

  it('creates every Secret and ConfigMap that production and the example read, and no other', () => {
    const created = [...page.matchAll(/create (?:secret (?:generic|tls|docker-registry)|configmap) ([\w$-]+)/g)]
      .flatMap(([, name]) => (name === '$s' ? services : [name!]))
      .toSorted()
    const written = [
      ...globSync('infra/k8s/{base,program,service,services,web,overlays/example}/**/*.yaml', { cwd: root }),
    ]
      .map(readText)
      .join('\n')
    const patterns = [
      /secretKeyRef: \{ name: ([\w-]+)/g,
      /[sS]ecretName: ([\w-]+)/g,
      /(?:serverCASecret|serverTLSSecret): ([\w-]+)/g,
      /s3Credentials:\s+accessKeyId: \{ name: ([\w-]+)/g,
      /(?:certificateRefs|imagePullSecrets): \[\{ name: ([\w-]+)/g,
      /configMap: \{ name: ([\w-]+)/g,
    ]
    const read = patterns.flatMap((pattern) => {
      const found = [...written.matchAll(pattern)].map(([, name]) => name!)
      expect(found.length, String(pattern)).toBeGreaterThan(0)
      return found
    })
    // `service` is the template of the Secrets that are named after their services.
    const wanted = new Set(read.flatMap((name) => (name === 'service' ? services : [name])))
    expect([...new Set(created)]).toEqual([...wanted].toSorted())
  })

  it('names the images that the command pushes and pins', () => {
    const placeholders = readText('infra/k8s/overlays/prod/images/kustomization.yaml')
    const named = [...placeholders.matchAll(/newName: registry\.invalid\/(\S+), newTag: npm-run-images/g)]
    expect(named.map(([, name]) => name)).toEqual(programs.map((name) => `aisle-${name}`))
    for (const [, name] of page.matchAll(/`aisle-(\w+)`/g)) {
      if (['registry', 'tls'].includes(name!)) continue
      expect(programs).toContain(name)
    }
  })

  it('says which lines to change, and they are there', () => {
    expect(readText('infra/k8s/overlays/prod/kustomization.yaml')).toMatch(/^ {2}# - \.\.\/\.\.\/letsencrypt # <-/m)
    for (const file of ['overlays/prod/kustomization', 'letsencrypt/kustomization', 'letsencrypt/issuer'])
      expect(readText(`infra/k8s/${file}.yaml`)).toContain('# <-')
  })
})

describe('the first admin', () => {
  it('has the address of --admin-email', () => {
    const made = makeSecrets({ postgres: 'db:5432', nats: ['nats:4222'], adminEmail: 'you@tickets.example' })
    expect(parseLines(made['auth.env']!)).toMatchObject({
      ADMIN_EMAIL: 'you@tickets.example',
      ADMIN_PASSWORD: expect.stringMatching(/^.{16}$/),
    })
  })

  it('needs an address', () => {
    const { status, stderr } = spawnSync(process.execPath, ['infra/make-secrets.ts', '--admin-email', 'you'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([1, '--admin-email you is not an email address.\n'])
  })
})

/** A folder with programs that only record how they are called, and a copy of what `npm run images` needs. */
function standIns(docker: string) {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-images-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const path of ['infra', 'contracts', 'package.json'])
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: (from) => basename(from) !== '.data' })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const scripts = { docker, kind: '', git: 'echo 0123456789ab' }
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n[ ${name} = git ] || echo "${name} $*" >> ${folder}/log\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const pinned = join(folder, 'infra/k8s/overlays/prod/images/kustomization.yaml')
  return {
    pinned: () => readFileSync(pinned, 'utf8'),
    run(...args: string[]) {
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'infra/push-images.ts'), ...args], {
        env,
        encoding: 'utf8',
      })
      const log = join(folder, 'log')
      return { status, stdout, stderr, asked: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] }
    },
  }
}
/** Writes the metadata that buildx writes. */
const pushes = `while [ $# -gt 0 ]; do
  [ "$1" = --metadata-file ] && echo '{"containerimage.digest":"${digest}"}' > "$2"
  shift
done`

describe('npm run images', () => {
  it('builds and pushes every program, and pins each by the digest it got', () => {
    const images = standIns(pushes)
    const { status, asked, stdout } = images.run('registry.example:5000/you', '--platform', 'linux/arm64')
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(`${programs.length} images are in registry.example:5000/you, and pinned`),
    ])
    expect(asked).toHaveLength(programs.length)
    for (const [index, name] of programs.entries()) {
      expect(asked[index]).toContain(`docker buildx build --file infra/docker/Dockerfile --build-arg WORKSPACE=`)
      expect(asked[index]).toContain(
        `--platform linux/arm64 --tag registry.example:5000/you/aisle-${name}:0123456789ab --push`,
      )
    }
    expect(images.pinned()).toBe(
      imagesComponent(programs.map((name) => `${name}=registry.example:5000/you/aisle-${name}@${digest}`)),
    )
  })

  it('pins nothing when one image cannot be built', () => {
    const images = standIns(`case "$*" in *services/orders*) echo no space >&2; exit 3 ;; esac\n${pushes}`)
    const before = images.pinned()
    const { status, stderr } = images.run('registry.example/you')
    expect([status, stderr]).toEqual([1, expect.stringContaining('no space')])
    expect(images.pinned()).toBe(before)
  })

  it('loads every program and the sandbox into a cluster of this machine, under the names of overlays/dev', () => {
    const { status, asked } = standIns('').run('--kind', 'aisle')
    expect(status).toBe(0)
    const loaded = asked.flatMap((line) => /^kind load docker-image --name aisle (\S+)$/.exec(line)?.[1] ?? [])
    expect(loaded).toEqual([...programs, 'stripe-sandbox'].map((name) => `aisle-${name}:dev`))
  })

  it.each([[[]], [['orders']], [['Registry.example/You']], [['a.example/b', '--kind', 'c']]])('refuses %j', (args) => {
    const { status, stderr, asked } = standIns('').run(...args)
    expect([status, stderr, asked]).toEqual([1, expect.stringMatching(/^Usage: npm run images -- [^\n]+\n$/), []])
  })
})

describe('roll-out.sh refuses before it changes anything', () => {
  function rollOut(kubectl: string) {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-refused-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\necho "$*" >> ${folder}/log\n${kubectl}\n`)
    chmodSync(join(folder, 'kubectl'), 0o755)
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
    const { status, stderr } = spawnSync('infra/k8s/roll-out.sh', { cwd: root, env, encoding: 'utf8' })
    return { status, stderr, changes: readFileSync(join(folder, 'log'), 'utf8').match(/^.*\b(apply|delete)\b.*$/gm) }
  }

  it('images without a digest', () => {
    const { status, stderr, changes } = rollOut('echo "      - image: registry.invalid/aisle-auth:npm-run-images"')
    expect([status, changes]).toEqual([1, null])
    expect(stderr).toMatch(
      /^These images have no digest; npm run images -- <registry> builds, pushes and pins them:\n.+\n$/,
    )
  })

  it('a missing Secret', () => {
    const { status, stderr, changes } = rollOut('case "$*" in *secret/payments*) exit 1 ;; esac')
    expect([status, changes]).toEqual([1, null])
    expect(stderr).toBe('The namespace aisle has no secret/payments; step 3 of docs/deploy.md makes it.\n')
  })
})

describe.skipIf(!hasKubectl)('as rendered', () => {
  it('production runs the pinned images, and nodes may read them from a private registry', () => {
    const pins = programs.map((name) => `${name}=registry.example/you/aisle-${name}@${digest}`)
    const pin = (infra: string) =>
      writeFileSync(join(infra, 'k8s/overlays/prod/images/kustomization.yaml'), imagesComponent(pins))
    for (const overlay of ['overlays/prod', 'overlays/prod/migrations']) {
      const pods = renderOverlay(overlay, pin).flatMap(({ spec }) => spec?.template?.spec ?? [])
      expect(pods.length).toBeGreaterThanOrEqual(services.length)
      for (const pod of pods) {
        expect(pod).toMatchObject({ imagePullSecrets: [{ name: 'aisle-registry' }] })
        for (const { image } of pod.containers)
          expect(image).toMatch(/^registry\.example\/you\/aisle-\w+@sha256:\w{64}$/)
      }
    }
  })

  it('production with Let’s Encrypt has an issuer, and a gateway that names it and the host', () => {
    const manifests = renderOverlay('overlays/prod', (infra) => {
      const file = join(infra, 'k8s/overlays/prod/kustomization.yaml')
      writeFileSync(file, readFileSync(file, 'utf8').replace('# - ../../letsencrypt', '- ../../letsencrypt'))
    })
    const of = (kind: string) => manifests.filter((one) => one.kind === kind)
    expect(of('Issuer')).toMatchObject([{ metadata: { name: 'letsencrypt', namespace: 'aisle' } }])
    expect(of('Gateway')).toMatchObject([
      {
        metadata: { annotations: { 'cert-manager.io/issuer': 'letsencrypt' } },
        spec: { listeners: [{ name: 'http' }, { name: 'https', hostname: 'aisle.example' }] },
      },
    ])
  })

  it('a cluster without a gateway gets nothing of the Gateway API, and Caddy with the prefixes of compose', () => {
    const manifests = renderOverlay('overlays/local')
    expect(manifests.filter(({ apiVersion }) => apiVersion.startsWith('gateway.'))).toEqual([])
    const [caddy] = manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('caddy'))
    expect(caddy!.data!.Caddyfile).toBe(readText('infra/caddy/Caddyfile'))
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain('Service caddy')
  })
})

it('the shell scripts are well formed', () => {
  for (const file of globSync('infra/**/*.sh', { cwd: root })) execFileSync('bash', ['-n', file], { cwd: root })
})
