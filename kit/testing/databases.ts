// Each test owns its databases: clones of migrated templates, dropped when the test is done.

import { randomBytes } from 'node:crypto'
import postgres from 'postgres'

/** Where the test server is and how to log in; provided by the test runner's global set-up. */
export type TestServer = { host: string; port: number; passwords: Record<string, string> }

export type TestDatabases = AsyncDisposable & {
  /** URL of the clone of `template`, as `role`: its owner by default. */
  url(template: string, role?: string): string
}

/** Clones the databases `templates` for one test. */
export async function cloneDatabases(server: TestServer, templates: readonly string[]): Promise<TestDatabases> {
  const suffix = randomBytes(4).toString('hex')
  const urlOf = (database: string, role: string) =>
    `postgres://${role}:${server.passwords[role]}@${server.host}:${server.port}/${database}`
  const admin = postgres(urlOf('postgres', 'postgres'), { max: 1, onnotice: () => {} })
  for (const template of templates) {
    const copy = `${template}_${suffix}`
    await admin.unsafe(`create database "${copy}" template "${template}" owner "${template}" strategy file_copy`)
    await admin.unsafe(
      `revoke all on database "${copy}" from public; grant connect on database "${copy}" to "${template}", "${template}_reader"`,
    )
  }
  return {
    url: (template, role = template) => urlOf(`${template}_${suffix}`, role),
    async [Symbol.asyncDispose]() {
      for (const template of templates)
        await admin.unsafe(`drop database if exists "${template}_${suffix}" with (force)`)
      await admin.end()
    },
  }
}
