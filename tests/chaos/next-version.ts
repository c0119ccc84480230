// Creates the next version of this repository as a copy: it marks its responses, and has a migration that older
// code can live with.

import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { services } from '@aisle/contracts/endpoint'
import { readWorkspaces, withNeeds } from '../../infra/workspaces.ts'

/** The location of this version. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))
/** What the programs need to run. */
const programs = ['web', ...services.map((name) => `services/${name}`)]
const parts = ['package.json', ...withNeeds(readWorkspaces(repository), programs).map(({ folder }) => folder)]
const packages = 'node_modules'
const workspaces = '@aisle'

const header = 'x-version'
const version = 'next'
const everyAnswer = ".header('x-request-id', request.id)"
const migration = `-- compatible: a column that may be empty
alter table orders add column of_the_next_version text;
`

/** Creates it in `folder`, with the packages installed here. */
export async function makeNextVersion(folder: string): Promise<void> {
  for (const part of parts)
    await cp(join(repository, part), join(folder, part), {
      recursive: true,
      filter: (from) => basename(from) !== packages,
    })
  await mkdir(join(folder, packages))
  for (const name of await readdir(join(repository, packages)))
    if (name !== workspaces) await symlink(join(repository, packages, name), join(folder, packages, name))
  // These are relative links, so they lead to the copies.
  await cp(join(repository, packages, workspaces), join(folder, packages, workspaces), {
    recursive: true,
    verbatimSymlinks: true,
  })
  await writeFile(join(folder, 'services/orders/migrations/9999_next_version.sql'), migration)
  for (const file of ['kit/http/server.ts', 'web/server/start-web.ts']) {
    const source = await readFile(join(folder, file), 'utf8')
    if (!source.includes(everyAnswer))
      throw new Error(`${file} does not mark its answers with ${everyAnswer} any more.`)
    await writeFile(
      join(folder, file),
      source.replaceAll(everyAnswer, `${everyAnswer}.header('${header}', '${version}')`),
    )
  }
}

/** Whether the process at `origin` runs the next version. */
export async function isNextVersion(origin: string): Promise<boolean> {
  const answer = await fetch(`${origin}/livez`)
  await answer.arrayBuffer()
  return answer.headers.get(header) === version
}
