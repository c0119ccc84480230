// `npm run pack -- <folder>` makes tarballs of @aisle/contracts and @aisle/client there, for programs elsewhere. In the
// repository the two run as they are written; outside it Node takes only JavaScript, so they are built first.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')
/** The client is built against the contracts as others get them. */
const folders = ['contracts', 'packages/client']
const isLeftOut = (path: string) => /\.test\.ts$|\/(golden|node_modules)$/.test(path)

type Manifest = {
  name: string
  version: string
  private?: boolean
  exports: Record<string, string>
  dependencies: Record<string, string>
}

/** Packs both into the folder `target`. */
export function packAll(target: string): void {
  const build = mkdtempSync(join(tmpdir(), 'aisle-pack-'))
  try {
    mkdirSync(target, { recursive: true })
    mkdirSync(join(build, 'node_modules'))
    symlinkSync(join(root, 'node_modules/typebox'), join(build, 'node_modules/typebox'))
    for (const folder of folders) {
      const options = ['--pack-destination', resolve(target), '--loglevel=error']
      execFileSync('npm', ['pack', ...options], {
        cwd: buildPackage(folder, build),
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    }
  } finally {
    rmSync(build, { recursive: true })
  }
}

/** Compiles a workspace below `build`; returns the folder of the finished package. */
function buildPackage(folder: string, build: string): string {
  const { private: _, ...manifest } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
  const source = join(build, folder)
  const built = join(build, 'node_modules', manifest.name)
  cpSync(join(root, folder), source, { recursive: true, filter: (from) => !isLeftOut(from) })
  const compilerOptions = {
    noEmit: false,
    outDir: built,
    rootDir: source,
    declaration: true,
    allowImportingTsExtensions: false,
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const config = join(source, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['**/*.ts'] }))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', config], {
    stdio: 'inherit',
  })
  writeFileSync(join(built, 'package.json'), JSON.stringify(published(manifest), null, 2))
  cpSync(join(root, folder, 'README.md'), join(built, 'README.md'))
  cpSync(join(root, 'LICENSE'), join(built, 'LICENSE'))
  return built
}

/** The manifest for others: what is built instead of sources, and our own packages in the same version. */
const published = (manifest: Manifest) => ({
  ...manifest,
  exports: Object.fromEntries(
    Object.entries(manifest.exports).map(([name, file]) => {
      const path = file.replace(/\.ts$/, '')
      return [name, { types: `${path}.d.ts`, default: `${path}.js` }]
    }),
  ),
  dependencies: Object.fromEntries(
    Object.entries(manifest.dependencies).map(([name, range]) => [name, range === '*' ? manifest.version : range]),
  ),
})

if (import.meta.main) packAll(process.argv[2] ?? '.data/packages')
