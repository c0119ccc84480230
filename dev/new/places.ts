// The places outside TypeScript that name every service and cannot derive from the list of contracts/endpoint.ts.
// tests/services.test.ts compares each with the list, and `npm run new -- service` adds to them.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prefixes } from '@aisle/contracts/api/index'
import { addLocked, addToDependencies, namesInLock } from './manifests.ts'

export type Place = {
  file: string
  /** Where in the file, if it names services more than once. */
  part?: string
  /** What to add there for a new service. */
  wants: (service: string) => string
  /** The services that it names. `text` is the file, or the names in it if it is a folder. */
  named: (text: string) => string[]
  /** The text with the service added. @throws when the text is not as expected */
  add?: (text: string, service: string) => string
}

const all = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, name]) => name!)
/** The names of every list that `pattern` finds, separated by `between`. A name that one of them lacks is left out. */
function inEach(pattern: RegExp, text: string, between: string | RegExp): string[] {
  const lists = all(pattern, text).map((list) => list.split(between).filter((name) => name !== 'web'))
  const names = [...new Set(lists.flat())]
  return names.filter((name) => lists.every((list) => list.includes(name)))
}

/** Inserts `added` behind the last match of `pattern`. */
function behind(pattern: RegExp, text: string, added: string): string {
  const last = [...text.matchAll(pattern)].at(-1)
  if (!last) throw new Error('the place for it was not found')
  const end = last.index + last[0].length
  return text.slice(0, end) + added + text.slice(end)
}
/** Replaces every match of `pattern`. */
function everywhere(pattern: RegExp, text: string, by: string): string {
  if (!pattern.test(text)) throw new Error('the place for it was not found')
  pattern.lastIndex = 0
  return text.replaceAll(pattern, by)
}

/** The paths of a service: those of its endpoints, or those of an admin if it is not known yet. */
export function pathsOf(service: string): string[] {
  const known = prefixes.filter(([, owner]) => owner === service).map(([prefix]) => prefix)
  return known.length > 0
    ? known
    : [
        `/api/${service}`,
        `/api/admin/messages/${service}`,
        `/api/admin/audit/${service}`,
        `/api/personal-data/${service}`,
      ]
}

const composeBlock = (name: string) => `  migrate-${name}:
    <<: *migration
    image: aisle-${name}:\${VERSION:-dev}
    env_file: infra/.data/${name}.env

  ${name}:
    <<: *service
    image: aisle-${name}:\${VERSION:-dev}
    build:
      <<: *build
      args: { WORKSPACE: services/${name} }
    environment: *environment
    env_file: infra/.data/${name}.env
    depends_on:
      <<: *needs
      migrate-${name}: { condition: service_completed_successfully }
    deploy:
      replicas: 2

`

const caddyBlock = (name: string) => `
	@${name} path ${pathsOf(name)
    .flatMap((path) => [path, `${path}/*`])
    .join(' ')}
	handle @${name} {
		import to ${name}
	}`

const skaffoldBlock = (name: string) => `    - image: aisle-${name}
      context: ..
      docker:
        dockerfile: infra/docker/Dockerfile
        target: development
        buildArgs: { WORKSPACE: services/${name} }
      sync:
        manual:
          - { src: 'contracts/**/*.ts', dest: /app }
          - { src: 'kit/**/*.ts', dest: /app }
          - { src: 'services/${name}/**/*.ts', dest: /app }
`

const inPolicies: Omit<Place, 'file'> = {
  wants: (name) => `add ${name} to each list \`values\``,
  named: (text) => inEach(/values: \[([^\]]+)\]/g, text, ', '),
  add: (text, name) => everywhere(/(values: \[(?:[\w-]+, )+[\w-]+)\]/g, text, `$1, ${name}]`),
}

/** Every place, in the order of the work. */
export const places: readonly Place[] = [
  {
    file: 'services',
    wants: (name) => `make the folder services/${name}, or run npm run new -- service ${name}`,
    named: (text) => text.split('\n').filter((name) => !name.includes('.')),
  },
  {
    file: 'dev/package.json',
    wants: (name) => `add the dependency "@aisle/${name}": "*"`,
    named: (text) =>
      Object.keys((JSON.parse(text) as { dependencies: object }).dependencies).flatMap((name) => {
        const own = /^@aisle\/([a-z]+)$/.exec(name)?.[1]
        return own && !['client', 'contracts', 'kit', 'web'].includes(own) ? [own] : []
      }),
    add: addToDependencies,
  },
  {
    file: 'package-lock.json',
    wants: () => 'run npm install --package-lock-only --ignore-scripts',
    named: namesInLock,
    add: addLocked,
  },
  {
    file: 'compose.yaml',
    wants: (name) => `add the services migrate-${name} and ${name}, like those of tickets`,
    named: (text) => all(/^ {2}migrate-([\w-]+):$/gm, text).filter((name) => text.includes(`\n  ${name}:\n`)),
    add: (text, name) => text.replace('  stripe-sandbox:\n    <<: *program\n', (found) => composeBlock(name) + found),
  },
  {
    file: 'infra/caddy/Caddyfile',
    wants: (name) =>
      `add a matcher @${name} with the paths of its endpoints, and the handle that imports \`to ${name}\``,
    named: (text) => all(/^\t@(\w+) path /gm, text).filter((name) => text.includes(`\t\timport to ${name}\n`)),
    add: (text, name) => behind(/\n\thandle @\w+ \{\n\t\timport to \w+\n\t\}/g, text, caddyBlock(name)),
  },
  {
    file: 'infra/k8s/services',
    wants: (name) => `make the folder infra/k8s/services/${name} with kustomization.yaml, route.yaml and values.yaml`,
    named: (text) => text.split('\n'),
  },
  {
    file: 'infra/k8s/base/kustomization.yaml',
    part: 'resources',
    wants: (name) => `add ../services/${name} to its resources`,
    named: (text) => all(/^ {2}- \.\.\/services\/([\w-]+)$/gm, text),
    add: (text, name) => behind(/^ {2}- \.\.\/services\/[\w-]+$/gm, text, `\n  - ../services/${name}`),
  },
  {
    file: 'infra/k8s/base/kustomization.yaml',
    part: 'the patch of HTTPRoutes',
    wants: (name) => `add ${name} to the names of the patch that removes trace headers`,
    named: (text) => inEach(/kind: HTTPRoute, name: ([\w|]+\|web)/g, text, '|'),
    add: (text, name) => everywhere(/(kind: HTTPRoute, name: [\w|]+)\|web/g, text, `$1|${name}|web`),
  },
  { file: 'infra/k8s/base/network-policies.yaml', ...inPolicies },
  { file: 'infra/k8s/web/network-policy.yaml', ...inPolicies },
  {
    file: 'infra/k8s/overlays/dev/kustomization.yaml',
    part: 'secretGenerator',
    wants: (name) => `add a Secret ${name} with the file .data/${name}.env`,
    named: (text) =>
      all(/^ {2}- name: \w+\n {4}envs: \[\.data\/([\w-]+)\.env\]$/gm, text).filter((name) => name !== 'stripe-sandbox'),
    add: (text, name) =>
      text.replace(
        '  - name: stripe-sandbox\n',
        (found) => `  - name: ${name}\n    envs: [.data/${name}.env]\n${found}`,
      ),
  },
  {
    file: 'infra/k8s/overlays/dev/kustomization.yaml',
    part: 'the patch of HTTPRoutes',
    wants: (name) => `add ${name} to the names of the patch that sets the host`,
    named: (text) => inEach(/kind: HTTPRoute, name: '\(([\w|]+)\)'/g, text, '|'),
    add: (text, name) => everywhere(/(kind: HTTPRoute, name: '\([\w|]+)\|web\)'/g, text, `$1|${name}|web)'`),
  },
  {
    file: 'infra/k8s/overlays/prod/images/kustomization.yaml',
    wants: (name) => `add the image aisle-${name}`,
    named: (text) => all(/- \{ name: aisle-([\w-]+),/g, text).filter((name) => name !== 'web'),
    add: (text, name) =>
      text.replace(/^.*name: aisle-web,.*$/m, (line) => `${line.replaceAll('aisle-web', `aisle-${name}`)}\n${line}`),
  },
  {
    file: 'infra/skaffold.yaml',
    wants: (name) => `add an artifact aisle-${name}, like that of tickets`,
    named: (text) => all(/buildArgs: \{ WORKSPACE: services\/([\w-]+) \}/g, text),
    add: (text, name) => text.replace('    - image: aisle-web\n', (found) => skaffoldBlock(name) + found),
  },
  {
    file: '.github/workflows/deliver.yml',
    wants: (name) => `add { program: ${name}, workspace: services/${name} } to the matrix`,
    named: (text) => all(/- \{ program: ([\w-]+), workspace: services\/\1 \}/g, text),
    add: (text, name) =>
      text.replace(
        '          - { program: web,',
        (found) => `          - { program: ${name}, workspace: services/${name} }\n${found}`,
      ),
  },
  {
    file: 'docs/architecture.md',
    wants: (name) => `add ${name} to the services of the diagram`,
    named: (text) => all(/^ {4}([\w-]+)\[/gm, text),
    add: (text, name) => behind(/^ {4}\w+\[.+\]$/gm, text, `\n    ${name}[${name}]`),
  },
  {
    file: 'docs/deploy.md',
    part: 'the programs',
    wants: (name) => `add ${name} to the programs of the first paragraph`,
    named: (text) => inEach(/The programs are ([\s\S]+?) and\s`web`/g, text, /,\s/).map((name) => name.slice(1, -1)),
    add: (text, name) => text.replace(/(The programs are [\s\S]+?) and\s`web`/, `$1, \`${name}\` and\n\`web\``),
  },
  {
    file: 'docs/deploy.md',
    part: 'the Secrets',
    wants: (name) => `add ${name} to each loop over the services`,
    named: (text) => inEach(/for s in ([\w ]+); do/g, text, ' '),
    add: (text, name) => everywhere(/(for s in [\w ]+); do/g, text, `$1 ${name}; do`),
  },
  {
    file: 'docs/tables.md',
    wants: (name) => `add a row for each table of ${name}`,
    named: (text) => [...new Set(all(/^\| ([a-z]+)\.[a-z_]+ \|/gm, text))],
    add: (text, name) =>
      behind(
        /^\| [a-z]+\.[a-z_]+ \|.*$/gm,
        text,
        `\n| ${name}.${name} | what it keeps | - | ~200 | never | - | \`${name}_pkey\` | small |`,
      ),
  },
  {
    file: 'README.md',
    wants: (name) => `add ${name} to the row of \`services/\``,
    named: (text) => inEach(/^\| `services\/` \| ([\w, ]+);/gm, text, ', '),
    add: (text, name) => everywhere(/^(\| `services\/` \| [\w, ]+);/gm, text, `$1, ${name};`),
  },
]

/** The text of a place, or the names in it if it is a folder. */
export function readPlace(root: string, file: string): string {
  const path = join(root, file)
  if (!existsSync(path)) return ''
  return /\.\w+$|Caddyfile$/.test(file) ? readFileSync(path, 'utf8') : readdirSync(path).join('\n')
}

/** What a place lacks or has too much of, compared with the list: one sentence each. */
export function faultsOf({ file, part, wants, named }: Place, text: string, services: readonly string[]): string[] {
  const found = named(text)
  const where = part ? `${file} (${part})` : file
  return [
    ...services
      .filter((name) => !found.includes(name))
      .map((name) => `${where} has no service ${name}: ${wants(name)}.`),
    ...found
      .filter((name) => !services.includes(name))
      .map((name) => `${where} has a service ${name}, which is not in the list of contracts/endpoint.ts: remove it.`),
  ]
}
