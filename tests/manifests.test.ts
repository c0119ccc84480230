// The Kubernetes manifests are valid according to the schemas of the packages kubernetes-models, as written and
// as rendered by `kubectl kustomize`.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { services } from '@aisle/contracts/endpoint'
import { describe, expect, it } from 'vitest'
import { hasKubectl, type Manifest, renderOverlay, root, writtenManifests } from './infra-files.ts'

const overlays = ['overlays/dev', 'overlays/local', 'overlays/prod', 'overlays/prod/migrations'] as const

if (!hasKubectl) console.warn('The manifests are not rendered: there is no kubectl.')

/** The package that contains an apiVersion. */
const packageOf = (apiVersion: string) =>
  apiVersion.startsWith('gateway.') ? `@kubernetes-models/gateway-api/${apiVersion}` : `kubernetes-models/${apiVersion}`

type Model = new (manifest: Manifest) => { validate(): void }

async function faultOf(manifest: Manifest): Promise<string | null> {
  const models = (await import(packageOf(manifest.apiVersion))) as Record<string, Model>
  try {
    new models[manifest.kind]!(manifest).validate()
    return null
  } catch (error) {
    return `${manifest.kind} ${manifest.metadata.name}: ${(error as Error).message}`
  }
}

const faultsOf = async (manifests: readonly Manifest[]) =>
  (await Promise.all(manifests.map(faultOf))).filter((fault) => fault !== null)

/** Schemas accept unknown fields, and so would a cluster; the compiler does not. */
function unknownFields(manifests: readonly Manifest[]): string {
  const folder = join(root, 'node_modules/.cache/aisle-manifests')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${process.pid}.ts`)
  const lines = manifests.map(
    (manifest) =>
      `export const _${count++}: import('${packageOf(manifest.apiVersion)}').I${manifest.kind} = ${JSON.stringify(manifest)}`,
  )
  writeFileSync(file, lines.join('\n'))
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', '']
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, file], { cwd: root })
    return ''
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout)
  } finally {
    rmSync(file)
  }
}
let count = 0

const deployment = (container: object) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'orders' },
    spec: { selector: {}, template: { spec: { containers: [{ name: 'orders', ...container }] } } },
  }) as unknown as Manifest

describe('as written', () => {
  it('all are valid', async () => {
    const manifests = writtenManifests()
    expect(manifests.length).toBeGreaterThan(25)
    expect(await faultsOf(manifests)).toEqual([])
    expect(unknownFields(manifests)).toBe('')
  })

  it('a wrong value and a misspelled field would be detected', async () => {
    expect(await faultsOf([deployment({ ports: [{ containerPort: 'http' }] })])).toEqual([
      expect.stringContaining('containerPort must be integer'),
    ])
    expect(unknownFields([deployment({ readynessProbe: {} })])).toContain('readynessProbe')
  })
})

describe.skipIf(!hasKubectl)('as rendered', () => {
  const rendered = new Map(hasKubectl ? overlays.map((overlay) => [overlay, renderOverlay(overlay)] as const) : [])
  const prod = rendered.get('overlays/prod') ?? []
  const migrations = rendered.get('overlays/prod/migrations') ?? []

  it.for(overlays)('%s is valid', async (overlay) => {
    const manifests = rendered.get(overlay)!
    expect(manifests.length).toBeGreaterThan(4)
    expect(await faultsOf(manifests)).toEqual([])
    expect(unknownFields(manifests)).toBe('')
  })

  it('no name of the template is left over', () => {
    for (const manifests of rendered.values())
      expect(JSON.stringify(manifests)).not.toMatch(
        /"app\.kubernetes\.io\/name":"(program|service)"|"(program|service):dev"/,
      )
  })

  it('every image has a tag, and what production runs comes from a registry', () => {
    for (const [overlay, manifests] of rendered)
      for (const { image } of manifests.flatMap(({ spec }) => spec?.template?.spec.containers ?? []))
        expect(image).toMatch(
          overlay === 'overlays/dev' || overlay === 'overlays/local'
            ? /^[\w-]+:(?!latest)[\w.-]+$/
            : /^registry\.invalid\/aisle-\w+:npm-run-images$/,
        )
  })

  it('production gets no Secret and no database, and runs migrations first', () => {
    expect(new Set(migrations.map(({ kind }) => kind))).toEqual(new Set(['Job']))
    const kinds = new Set(prod.map(({ kind }) => kind))
    for (const kind of ['Secret', 'StatefulSet', 'Job']) expect(kinds).not.toContain(kind)
  })

  it('every container of production is hardened', () => {
    const pods = [...prod, ...migrations].flatMap(({ spec }) => spec?.template?.spec ?? [])
    expect(pods.length).toBe(services.length * 2 + 1)
    for (const { containers, ...pod } of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      for (const container of containers)
        expect(container).toMatchObject({
          resources: { requests: { cpu: expect.anything(), memory: expect.anything() }, limits: expect.anything() },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        })
    }
  })

  it('no route lets trace headers in from outside', () => {
    const rules = prod.flatMap(({ kind, spec }) => (kind === 'HTTPRoute' ? (spec.rules ?? []) : []))
    const leading = rules.filter(({ backendRefs }) => backendRefs)
    expect(leading).toHaveLength(services.length + 1)
    for (const { filters } of leading)
      expect(filters).toEqual([
        { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['traceparent', 'tracestate', 'baggage'] } },
      ])
  })

  it('every program has an autoscaler and a disruption budget, and accepts calls from the gateway', () => {
    const namesOf = (kind: string) =>
      prod.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name)
    const programs = namesOf('Deployment')
    expect(programs).toHaveLength(services.length + 1)
    for (const kind of ['Service', 'ServiceAccount', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'])
      expect(namesOf(kind)).toEqual(programs)
    expect(namesOf('NetworkPolicy')).toEqual(expect.arrayContaining([...programs, 'nobody']))
  })
})
