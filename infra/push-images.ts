// Builds the image of every program, and takes it to where a cluster finds it:
//
//   npm run images -- registry.example/you       pushes them, and pins them by digest in overlays/prod
//   npm run images -- --kind aisle               loads them into a cluster of this machine, with the sandbox
//
//   --platform linux/amd64     the processor of the nodes; several with commas. Only where images are pushed.
//
// Needs docker with buildx, logged in to the registry; for --kind also kind.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { services } from '@aisle/contracts/endpoint'
import { imagesComponent } from './pin-images.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const pinned = 'infra/k8s/overlays/prod/images/kustomization.yaml'

const programs = [
  ...services.map((name) => ({ name, workspace: `services/${name}` })),
  { name: 'web', workspace: 'web' },
]
const sandbox = { name: 'stripe-sandbox', workspace: 'packages/stripe-sandbox' }

const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: root, stdio: 'inherit' })
const recipe = (workspace: string) => ['--file', 'infra/docker/Dockerfile', '--build-arg', `WORKSPACE=${workspace}`]

/** Builds and pushes the programs. @returns `program=image@digest` for each */
function push(registry: string, tag: string, platform: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-images-'))
  try {
    return programs.map(({ name, workspace }) => {
      const [image, metadata] = [`${registry}/aisle-${name}`, join(folder, name)]
      const target = ['--platform', platform, '--tag', `${image}:${tag}`, '--push', '--metadata-file', metadata]
      run('docker', 'buildx', 'build', ...recipe(workspace), ...target, '.')
      const { 'containerimage.digest': digest } = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, string>
      return `${name}=${image}@${digest}`
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Builds the programs and the sandbox for this machine, and loads them into a cluster made by kind. */
function load(cluster: string): void {
  for (const { name, workspace } of [...programs, sandbox]) {
    run('docker', 'build', ...recipe(workspace), '--tag', `aisle-${name}:dev`, '.')
    run('kind', 'load', 'docker-image', '--name', cluster, `aisle-${name}:dev`)
  }
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { kind: { type: 'string' }, platform: { type: 'string', default: 'linux/amd64' } },
    allowPositionals: true,
  })
  const [registry, ...others] = positionals
  if (values.kind && !registry) {
    load(values.kind)
    return
  }
  if (values.kind || others.length > 0 || !/^[a-z0-9][a-z0-9.:-]*(\/[a-z0-9._-]+)+$/.test(registry ?? ''))
    throw new Error('Usage: npm run images -- <registry>/<name> [--platform linux/arm64], or -- --kind <cluster>.')
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  const pins = push(registry!, commit, values.platform)
  // Only now, when all of them are in the registry.
  writeFileSync(join(root, pinned), imagesComponent(pins))
  console.log(`${pins.length} images are in ${registry}, and pinned in ${pinned}.`)
}

try {
  main()
} catch (error) {
  // What docker or kind has to say stands above.
  console.error((error as Error).message)
  process.exit(1)
}
