// The workspaces of the repository and which needs which, as their package.json files say: what goes into an image, and what a change touches.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Workspace = {
  /** Such as services/orders. */
  readonly folder: string
  /** Such as @aisle/orders. */
  readonly name: string
  /** Folders of the workspaces that it imports when it runs. */
  readonly needs: readonly string[]
}

type Manifest = { name: string; workspaces?: string[]; dependencies?: Record<string, string> }

/** The workspaces of the repository at `root`, those of them that are there. */
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

/** `folders` and all that they need, directly or through others. */
export const withNeeds = (workspaces: readonly Workspace[], folders: readonly string[]): Workspace[] =>
  reach(workspaces, folders, ({ needs }) => needs)

/** `folders` and all that need them, directly or through others. */
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
