// The files of infra/ as data, for the tests that compare them with the code.

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, parseAllDocuments } from 'yaml'
import { makeSecrets } from '../infra/make-secrets.ts'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
export const readText = (path: string): string => readFileSync(join(root, path), 'utf8')
/** A single-document YAML file, with merge keys as in compose. */
export const readYaml = <T>(path: string): T => parse(readText(path), { merge: true }) as T

type Env = {
  name: string
  value?: string
  valueFrom?: { secretKeyRef?: { name: string; key: string; optional?: boolean } }
}
export type Container = {
  name: string
  image: string
  env?: Env[]
  envFrom?: { configMapRef: { name: string } }[]
  securityContext?: { readOnlyRootFilesystem?: boolean }
  resources?: { limits: { memory: string } }
}
type Pod = { containers: Container[]; automountServiceAccountToken?: boolean; securityContext?: object }
/** A manifest, as far as the tests need it. */
export type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  data?: Record<string, string>
  spec: {
    template?: { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec: Pod }
    selector?: unknown
    rules?: { matches?: { path: { value: string } }[]; backendRefs?: { name: string }[]; filters?: object[] }[]
  }
}

function manifestsOf(text: string): Manifest[] {
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest)
  // Kustomize breaks long base64 into lines, which clusters accept but the schema does not.
  for (const { kind, data = {} } of manifests)
    if (kind === 'Secret') for (const [key, value] of Object.entries(data)) data[key] = value.replaceAll('\n', '')
  return manifests
}

/** Manifests as written in infra/k8s, without incomplete ones: kustomizations, the values of programs, patches. */
export function writtenManifests(): Manifest[] {
  const notWhole = new Set(['kustomization.yaml', 'values.yaml', 'environment.yaml'])
  return (
    globSync('infra/k8s/**/*.yaml', { cwd: root })
      .filter((file) => !notWhole.has(basename(file)))
      // These belong to operators whose schemas no package here contains.
      .filter((file) => !/overlays\/example\/|letsencrypt\//.test(file))
      .flatMap((file) => manifestsOf(readText(file)))
  )
}

/** kubectl is not a package of this project: where it is not installed, dependent tests are skipped. */
export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/** What `kubectl apply -k` would apply; `edit` may change the copy of infra/ before. */
export function renderOverlay(overlay: string, edit: (infra: string) => void = () => {}): Manifest[] {
  const copy = mkdtempSync(join(tmpdir(), 'aisle-k8s-'))
  try {
    for (const folder of ['k8s', 'postgres', 'caddy'])
      cpSync(join(root, 'infra', folder), join(copy, folder), {
        recursive: true,
        filter: (from) => basename(from) !== '.data',
      })
    const data = join(copy, 'k8s/overlays/dev/.data')
    mkdirSync(data)
    for (const [name, text] of Object.entries(secrets)) writeFileSync(join(data, name), text)
    edit(copy)
    return manifestsOf(execFileSync('kubectl', ['kustomize', join(copy, 'k8s', overlay)], { encoding: 'utf8' }))
  } finally {
    rmSync(copy, { recursive: true })
  }
}

/** Generated secrets of an imaginary installation. */
export const secrets = makeSecrets({ postgres: 'postgres:5432', nats: ['nats:4222'] })

/** `KEY=value` lines, as in the files of `secrets`. */
export const parseLines = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
