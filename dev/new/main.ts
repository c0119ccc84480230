// Writes a new service or a new feature, with its entries in the lists: see CONTRIBUTING.md.
//
//   npm run new -- service notices
//   npm run new -- feature orders gift-ticket

import { execFileSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openChange } from './change.ts'
import { addFeature } from './feature.ts'
import { Refused } from './names.ts'
import { addService, linkWorkspace } from './service.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const [kind, ...names] = process.argv.slice(2)

try {
  const change = openChange(root)
  if (kind === 'service' && names.length === 1) addService(change, names[0]!)
  else if (kind === 'feature' && names.length === 2) addFeature(change, names[0]!, names[1]!)
  else throw new Refused('Usage: npm run new -- service <name>, or npm run new -- feature <service> <what-happens>.')
  const { written, left } = change.write()
  if (kind === 'service') {
    linkWorkspace(root, names[0]!)
    // A new process: this one knows the services of before.
    execFileSync(process.execPath, ['dev/asyncapi.ts'], { cwd: root, stdio: 'inherit' })
    written.push('docs/asyncapi.json')
  }
  console.log(`Written:\n${written.map((path) => `  ${path}`).join('\n')}`)
  if (left.length > 0) console.log(`Left to do:\n${left.map((line) => `  ${line}`).join('\n')}`)
  const test = kind === 'service' ? names[0] : names[1]
  console.log(`Then: npm test -- tests/services tests/journeys/${test}`)
} catch (error) {
  if (!(error instanceof Refused)) throw error
  console.error(error.message)
  process.exit(1)
}
