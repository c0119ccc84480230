// The workspaces of the repository and their dependencies, from their package.json files: what goes into an
// image, and what a change touches.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Workspace = {
  /** For example services/orders. */
  readonly folder: string
  /** For example @aisle/orders. */
  readonly name: string
  /** Folders of the workspaces it imports at run time. */
  readonly needs: readonly string[]
}

type Manifest = { name: string; workspaces?: string[]; dependencies?: Record<string, string> }

/** The workspaces of the repository at `root` that exist. */
export function readWorkspaces(root: string): Workspace[] {
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
  const folders = (manifestOf('.').workspaces ?? [])
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
  const found = folders.map((folder) => ({ folder, manifest: manifestOf(folder) }))
  return found.map(({ folder, manifest }) => ({
    folder,
    name: manifest.name,
    needs: found.filter((other) => other.manifest.name in (manifest.dependencies ?? {})).map((other) => other.folder),
  }))
}

/** `folders` and all their dependencies, direct and transitive. */
export const withNeeds = (workspaces: readonly Workspace[], folders: readonly string[]): Workspace[] =>
  reach(workspaces, folders, ({ needs }) => needs)

/** `folders` and all their dependents, direct and transitive. */
export const withDependents = (workspaces: readonly Workspace[], folders: readonly string[]): Workspace[] =>
  reach(workspaces, folders, ({ folder }) =>
    workspaces.filter(({ needs }) => needs.includes(folder)).map((dependent) => dependent.folder),
  )

function reach(
  workspaces: readonly Workspace[],
  start: readonly string[],
  next: (workspace: Workspace) => readonly string[],
): Workspace[] {
  const reached = new Set<string>()
  const visit = (folder: string) => {
    const workspace = workspaces.find((candidate) => candidate.folder === folder)
    if (!workspace) throw new Error(`There is no workspace ${folder}.`)
    if (reached.has(folder)) return
    reached.add(folder)
    next(workspace).forEach(visit)
  }
  start.forEach(visit)
  return workspaces.filter(({ folder }) => reached.has(folder))
}
