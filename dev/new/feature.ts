// `npm run new -- feature orders gift-ticket`: an endpoint, the feature that answers it, and a test.

import { prefixes } from '@aisle/contracts/api/index'
import type { Change } from './change.ts'
import { camel, existingService, newFeatureName, Refused, sentence } from './names.ts'
import { addApi } from './service.ts'
import { filesFrom } from './templates.ts'

/** Adds the feature to the change. @throws {Refused} */
export function addFeature(change: Change, wantedService: string, wantedName: string): void {
  const service = existingService(wantedService)
  const name = newFeatureName(wantedName)
  const identifier = camel(name)
  const list = `services/${service}/service.ts`
  if (new RegExp(`\\b${identifier}\\b`).test(change.read(list)))
    throw new Refused(`There is already a feature ${identifier} in ${list}.`)
  const prefix = prefixes.find(([path, owner]) => owner === service && !path.startsWith('/api/admin/'))?.[0]
  const path = `${prefix ?? `/api/${service}`}/${name}`

  const api = apiOf(change, service)
  const values = {
    name,
    identifier,
    service,
    path,
    api: api ?? service,
    Service: sentence(service),
    Sentence: sentence(name),
    words: name.replaceAll('-', ' '),
  }
  for (const [file, text] of Object.entries(filesFrom('feature', values))) change.create(file, text)
  for (const [file, declaration] of Object.entries(filesFrom('endpoint', values)))
    if (api) {
      if (change.read(file).includes(`export const ${identifier} `))
        throw new Refused(`There is already an endpoint ${identifier} in ${file}.`)
      change.edit(file, (text) => `${text}\n${declaration}`)
    } else {
      const head = `// ${service}: what people may ask of it.\n\nimport { endpoint } from '../endpoint.ts'\n`
      change.create(file, `${head}\n${declaration}`)
      addApi(change, service)
    }
  change.edit(list, (text) => addRoute(text, identifier, name))
  if (!prefix) addPath(change, service)
}

/** The file of contracts/api with the service's endpoints; undefined if it has none. */
function apiOf(change: Change, service: string): string | undefined {
  const line = new RegExp(`^ {2}${service}: \\[?(?:\\.{3})?Object\\.values\\((\\w+)\\)`, 'm')
  return line.exec(change.read('contracts/api/index.ts'))?.[1]
}

function addRoute(text: string, identifier: string, name: string): string {
  const imported = text.replace(
    /^import .+ from '\.\/context\.ts'\n/m,
    (line) => `${line}import { ${identifier} } from './features/${name}.ts'\n`,
  )
  return imported.replace(/^( {2}routes: \[)([^\]]*?),?\s*\]/m, (_, start: string, routes: string) =>
    routes.trim() === '' ? `${start}${identifier}]` : `${start}${routes}, ${identifier}]`,
  )
}

/** The first public path of a service that admins alone could call until now. */
function addPath(change: Change, service: string): void {
  change.tryEdit(
    'infra/caddy/Caddyfile',
    (text) => text.replace(`\t@${service} path `, (start) => `${start}/api/${service} /api/${service}/* `),
    `add /api/${service} and /api/${service}/* to @${service}`,
  )
  change.tryEdit(
    `infra/k8s/services/${service}/route.yaml`,
    (text) =>
      text.replace(
        '    - matches:\n',
        (start) => `${start}        - path: { type: PathPrefix, value: /api/${service} }\n`,
      ),
    `add a match of /api/${service}`,
  )
}
