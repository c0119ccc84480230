// Enforces the import law of docs/architecture.md.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { services } from '@aisle/contracts/endpoint'
import { expect, it } from 'vitest'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const parts = [
  'contracts',
  'http',
  'tracing',
  'kit',
  'services',
  'packages',
  'web',
  'front-door',
  'dev',
  'bench',
  'infra',
  'exercises',
  'tests',
]
const ofService = new RegExp(`^@aisle/(${services.join('|')})(.*)$`)
const isTest = (file: string) =>
  /(\.test|testing|-suite)\.tsx?$/.test(file) || file.startsWith('tests/') || file.startsWith('kit/testing/')

const files = parts.flatMap((part) =>
  readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(tsx?|mjs)$/.test(file) && !/node_modules|\.react-router/.test(file))
    .map((file) => join(part, file)),
)

const client = 'packages/client/client'

/** A file's imports, as paths from the root (`kit/db/database`) for our own files and as package names for the rest. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const found = source.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g,
  )
  return [...found].map(([, from, bare, dynamic]) => {
    const name = (from ?? bare ?? dynamic)!
    if (name.startsWith('.')) return relative(root, resolve(root, dirname(file), name)).replace(/\.tsx?$/, '')
    const ours = /^@aisle\/(contracts|http|tracing|kit|dev|front-door|web)(.*)$/.exec(name)
    if (ours) return `${ours[1]}${ours[2]}`
    const service = ofService.exec(name)
    if (name === '@aisle/stripe-sandbox/source') return 'packages/stripe-sandbox/src/sandbox'
    if (name === '@aisle/client') return client
    return service ? `services/${service[1]}${service[2]}` : name
  })
}

const folderOf = (path: string) => path.split('/')[0]!
const serviceOf = (path: string) => (folderOf(path) === 'services' ? path.split('/')[1] : undefined)
/** What the web server and its app have in common. */
const sharedByWeb = new Set(['web/server/visit', 'web/server/signed-in'])
const startOfWeb = new Set(['web/server/build-app', 'web/server/start-web'])
/** What a service consists of, or what all of them do. */
const isTableOfContents = (path: string) => path.endsWith('/service') || path === 'services/definitions'
const isOurs = (path: string) => parts.includes(folderOf(path))

/** Why `file` may not import `target`, or null. */
export function breach(file: string, target: string): string | null {
  const [from, to] = [folderOf(file), folderOf(target)]
  if (!isOurs(target) || isTest(file)) return null
  if (['tests', 'bench', 'exercises'].includes(to) && from !== to) return `nothing imports ${to}`
  if (from === 'exercises' && !['exercises', 'contracts', 'kit'].includes(to))
    return 'exercises know the contracts and the kit'
  if (to === 'infra' && from !== 'infra') return 'nothing imports infra'
  if (from === 'infra' && !['infra', 'contracts', 'kit'].includes(to) && !isTableOfContents(target))
    return "infra knows the contracts, the kit, and a service's table of contents"
  if (to === 'dev' && from !== 'dev' && from !== 'bench') return 'nothing imports dev'
  if (from === 'contracts' && to !== 'contracts') return 'contracts import nothing of ours'
  if (from === 'http' && to !== 'http') return 'http knows nothing of us'
  if (from === 'tracing' && to !== 'tracing') return 'tracing knows nothing of us'
  if (
    from === 'web' &&
    !['web', 'contracts', 'http'].includes(to) &&
    target !== client &&
    !(to === 'tracing' && file.startsWith('web/server/'))
  )
    return 'the web app is a client of the contracts like any other'
  if (to === 'web' && from !== 'web' && !startOfWeb.has(target)) return 'the web app is built and started, not used'
  // Server code never reaches the browser, and the server knows a build only by its exports.
  if (file.startsWith('web/app/') && target.startsWith('web/server/') && !sharedByWeb.has(target))
    return 'the app knows of its server what a visit is'
  if (file.startsWith('web/server/') && target.startsWith('web/app/')) return 'the server knows the app as a build'
  if (from === 'front-door' && !['front-door', 'contracts', 'http', 'kit', 'tracing'].includes(to))
    return 'the front door knows addresses, and none who listens there'
  if (to === 'front-door' && from !== 'front-door' && from !== 'dev') return 'only dev starts the front door'
  if (from === 'packages' && to !== 'packages' && !(file === `${client}.ts` && to === 'contracts'))
    return 'packages are for others, and stand alone, except that the client is one of the contracts'
  if (from === 'kit') {
    if (to === 'services' || to === 'packages') return 'the kit knows no service'
    // The revocation of sessions is the one message that every service consumes; the kit handles it for them.
    if (target.startsWith('contracts/messages/') && target !== 'contracts/messages/auth')
      return "the kit knows no service's message"
  }
  if (from === 'services') {
    if (to === 'packages') return 'services know the provider only by its address'
    if (to === 'services' && serviceOf(file) !== serviceOf(target)) return 'a service never imports another'
    if (target.includes('/features/') && !file.endsWith('/service.ts')) return 'a feature never imports another'
    if (file.includes('/features/') && target.startsWith('kit/bus/') && target !== 'kit/bus/reaction')
      return 'a feature cannot reach the bus'
  }
  if (from === 'dev' && to === 'services' && !isTableOfContents(target) && !target.endsWith('/states'))
    return "dev imports a service's table of contents, and its states for their diagrams"
  return null
}

it('no file breaks the import law', () => {
  expect(files.length).toBeGreaterThan(100)
  const breaches = files
    .flatMap((file) => importsOf(file).map((target) => ({ file, target, why: breach(file, target) })))
    .filter(({ why }) => why)
  expect(breaches).toEqual([])
})

/** Groups of files that import each other in a circle, types included; empty if there are none. */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  // Tarjan's algorithm: https://en.wikipedia.org/wiki/Tarjan%27s_strongly_connected_components_algorithm
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (file: string) => {
    index.set(file, index.size)
    low.set(file, index.get(file)!)
    stack.push(file)
    for (const target of imports.get(file) ?? []) {
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!))
    }
    if (low.get(file) !== index.get(file)) return
    const circle = stack.splice(stack.indexOf(file))
    if (circle.length > 1) circles.push(circle)
  }
  for (const file of imports.keys()) if (!index.has(file)) visit(file)
  return circles
}

it('no files import each other in a circle, types included', () => {
  const bare = (file: string) => file.replace(/\.(tsx?|mjs)$/, '')
  const imports = new Map(files.map((file) => [bare(file), importsOf(file)]))
  expect(imports.get('kit/db/database')).toContain('kit/db/client')
  expect(circlesOf(imports)).toEqual([])
})

it('detects a circle, and only circles', () => {
  const imports = new Map([
    ['a', ['b', 'd']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', ['e']],
    ['e', []],
  ])
  expect(circlesOf(imports).map((circle) => circle.sort())).toEqual([['a', 'b', 'c']])
})

it('only config.ts reads the environment', () => {
  const readers = files.filter(
    (file) =>
      (['contracts', 'kit', 'services'].includes(folderOf(file)) || file.startsWith('web/app/')) &&
      !isTest(file) &&
      readFileSync(join(root, file), 'utf8').includes('process.env'),
  )
  expect(readers).toEqual(['kit/config.ts'])
})

it('detects a breach of each kind', () => {
  expect(breach('kit/time/loop.ts', 'services/orders/order')).not.toBeNull()
  expect(breach('services/orders/features/a.ts', 'services/orders/features/b')).not.toBeNull()
  expect(breach('services/orders/queries.ts', 'services/tickets/ticket')).not.toBeNull()
  expect(breach('contracts/schema.ts', 'kit/check')).not.toBeNull()
  expect(breach('packages/client/client.ts', 'http/headers')).not.toBeNull()
  expect(breach('packages/stripe-sandbox/src/sandbox.ts', 'contracts/endpoint')).not.toBeNull()
  expect(breach('tracing/tracer.ts', 'kit/log')).not.toBeNull()
  expect(breach('web/app/pages/home.tsx', 'tracing/tracer')).not.toBeNull()
  expect(breach('services/orders/features/a.ts', 'kit/bus/postgres-bus')).not.toBeNull()
  expect(breach('infra/changed.ts', 'services/orders/order')).not.toBeNull()
  expect(breach('dev/stack.ts', 'infra/workspaces')).not.toBeNull()
  expect(breach('dev/stack.ts', 'services/orders/order')).not.toBeNull()
  expect(breach('services/orders/order.ts', 'services/definitions')).not.toBeNull()
  expect(breach('web/app/pages/home.tsx', 'kit/errors')).not.toBeNull()
  expect(breach('web/app/pages/home.tsx', 'web/server/build-app')).not.toBeNull()
  expect(breach('services/orders/order.ts', 'web/app/format/money')).not.toBeNull()
  expect(importsOf('web/app/root.tsx')).toContain('web/app/parts/error-page')
  expect(importsOf('services/orders/service.ts')).toContain('services/orders/features/reserve-ticket')
})
