// docs/privacy.md says of each part of a person's data where it is, why, for how long and who sees it, in the words
// that the person reads, and of every other table that it holds nothing about a person.

import { readFile } from 'node:fs/promises'
import { services } from '@aisle/dev/stack'
import { heldByKit } from '@aisle/kit/boot/held'
import { expect, it } from 'vitest'
import { data } from '../web/app/texts/en-data.ts'

const read = (page: string) => readFile(new URL(`../docs/${page}`, import.meta.url), 'utf8')

const parts = [
  ...services.flatMap(({ name, holds }) =>
    holds.map(({ part, tables }) => ({ part, tables: tables.map((table) => `${name}.${table}`) })),
  ),
  ...heldByKit.map(({ part, tables }) => ({ part, tables: [...tables] })),
]
/** The last sentence needs no full stop in a table. */
const cell = (text: string) => text.replace(/\.$/, '')

it('the page has a row for each part that is held', async () => {
  const page = await read('privacy.md')
  const missing = parts.flatMap(({ part, tables }) => {
    const about = data.parts[part as keyof typeof data.parts]
    const where = tables.map((table) => `\`${table}\``).join(', ')
    const row = `| ${about.title} | ${where} | ${cell(about.why)} | ${cell(about.kept)} | ${cell(about.seen)} |`
    return page.includes(`${row}\n`) ? [] : [row]
  })
  expect(missing).toEqual([])
  const rows = page.split('\n').filter((line) => /^\| .*`/.test(line))
  expect(rows).toHaveLength(parts.length)
})

it('every table is part of what a person gets, or holds nothing about a person', async () => {
  const [page, list] = [await read('privacy.md'), await read('tables.md')]
  const tables = [...list.matchAll(/^\| ([a-z_]+(?:\.[a-z_]+)?) \|/gm)].map(([, table]) => table!)
  expect(tables).toContain('orders.orders')
  const told = new Set(parts.flatMap(({ tables }) => tables))
  const others = page.slice(page.indexOf('## Other tables'))
  const unknown = tables.filter((table) => table !== 'table' && !told.has(table) && !others.includes(`\`${table}\``))
  expect(unknown).toEqual([])
})
