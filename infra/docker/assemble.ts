// Assembles the image of one program: node infra/docker/assemble.ts services/orders /image
//
//   /image/manifests   package-lock.json and the package.json files of the required workspaces: the input of `npm ci`
//   /image/source      the source of these workspaces without their tests, and main.ts, a link to the program
//
// The two are separate so that a changed source file does not reinstall the dependencies.

import { cpSync, existsSync, readdirSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readWorkspaces, withNeeds } from '../workspaces.ts'

/** Programs whose entry is not main.ts. */
const mains: Record<string, string> = { web: 'server/main.ts', 'packages/stripe-sandbox': 'src/start.ts' }
/** Of web: its server and the built pages, not their sources. */
const onlyPartsOf: Record<string, readonly string[]> = { web: ['server', 'site-pages', 'build'] }

const isLeftOut = (path: string) =>
  /(^|[-.])(test|testing|suite)(-\w+)?\.ts$/.test(basename(path)) ||
  /^(node_modules|testing|golden|dist)$/.test(basename(path))

/** Copies what the image of the workspace `folder` needs from the repository at `root` to `target`. */
export function assemble(root: string, folder: string, target: string): void {
  const main = mains[folder] ?? 'main.ts'
  if (!existsSync(join(root, folder, main))) throw new Error(`${folder} is no program: it has no ${main}.`)
  const [manifests, source] = [join(target, 'manifests'), join(target, 'source')]
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(manifests, file))
  for (const needed of withNeeds(readWorkspaces(root), [folder])) {
    const manifest = join(needed.folder, 'package.json')
    for (const place of [manifests, source]) cpSync(join(root, manifest), join(place, manifest))
    for (const part of onlyPartsOf[needed.folder] ?? readdirSync(join(root, needed.folder))) {
      const path = join(needed.folder, part)
      cpSync(join(root, path), join(source, path), { recursive: true, filter: (from) => !isLeftOut(from) })
    }
  }
  symlinkSync(join(folder, main), join(source, 'main.ts'))
}

const [, program, folder, target] = process.argv
if (program === fileURLToPath(import.meta.url) && folder && target)
  assemble(resolve(dirname(program), '../..'), folder, resolve(target))
