// Determines what a change touches, by the workspace graph: git diff --name-only main... | node
// infra/changed.ts
//
// Prints `folders=[...]` and `journeys=true|false` in the format of GitHub step outputs: the folders whose own
// tests must run, and whether the tests across all services must run.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readWorkspaces, type Workspace, withDependents } from './workspaces.ts'

export type Touched = {
  /** Workspaces whose tests run in their own job. */
  folders: string[]
  /** Whether the journeys, the histories and the browser tests must run. */
  journeys: boolean
}

/** Files that are never executed. */
const isProse = (file: string) => file.endsWith('.md') || /^(docs\/|LICENSE$|\.editorconfig$)/.test(file)
/** The workspace whose tests are the journeys. */
const system = 'tests'

/** What the changed `files` touch. A file outside every workspace, such as package-lock.json, touches everything. */
export function touchedBy(files: readonly string[], workspaces: readonly Workspace[]): Touched {
  const code = files.filter((file) => !isProse(file))
  const owners = code.map((file) => workspaces.find(({ folder }) => file.startsWith(`${folder}/`)))
  const known = owners.filter((owner) => owner !== undefined)
  const touched =
    known.length < owners.length
      ? workspaces
      : withDependents(
          workspaces,
          known.map(({ folder }) => folder),
        )
  const folders = touched.map(({ folder }) => folder)
  return { folders: folders.filter((folder) => folder !== system), journeys: folders.includes(system) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = readFileSync(0, 'utf8').split('\n').filter(Boolean)
  const { folders, journeys } = touchedBy(files, readWorkspaces(resolve(dirname(process.argv[1]), '..')))
  console.log(`folders=${JSON.stringify(folders)}\njourneys=${journeys}`)
}
