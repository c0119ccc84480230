// `npm run new -- service notices`: a service with one table, one endpoint and one test, in every list.

import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from './change.ts'
import { newServiceName, sentence } from './names.ts'
import { places } from './places.ts'
import { filesFrom } from './templates.ts'

/** Adds the service to the change. @throws {Refused} */
export function addService(change: Change, wanted: string): void {
  const name = newServiceName(wanted, change.has)
  const { dependencies } = JSON.parse(change.read('contracts/package.json')) as { dependencies: { typebox: string } }
  const values = { name, Name: sentence(name), typebox: dependencies.typebox }
  for (const [path, text] of Object.entries(filesFrom('service', values))) change.create(path, text)
  change.edit('contracts/endpoint.ts', (text) =>
    text.replace(/^(export const services = \[.+)\] as const$/m, `$1, '${name}'] as const`),
  )
  addApi(change, name)
  for (const { file, wants, add } of places) if (add) change.tryEdit(file, (text) => add(text, name), wants(name))
}

/** The file of the service's endpoints in the list of all. */
export function addApi(change: Change, service: string): void {
  change.edit('contracts/api/index.ts', (text) =>
    text
      .replace(/^import \* as orders .+\n/m, (line) => `import * as ${service} from './${service}.ts'\n${line}`)
      .replace(/^(const own: .+ = \{\n[\s\S]*?)^\}/m, `$1  ${service}: Object.values(${service}),\n}`),
  )
}

/** The link by which npm makes a workspace known as a package. */
export function linkWorkspace(root: string, name: string): void {
  const link = join(root, 'node_modules/@aisle', name)
  if (!existsSync(link)) symlinkSync(`../../services/${name}`, link)
}
