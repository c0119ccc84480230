// Golden messages: one of every type, as it was first published, never edited. A consumer of today must read what a
// publisher of then wrote. A new field gets a new file beside the old one (order-created.2.json); both must pass
// for ever.

import { readdirSync, readFileSync } from 'node:fs'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { Envelope } from './message.ts'
import { messages } from './messages/index.ts'

const folder = new URL('./golden/', import.meta.url)
const files = readdirSync(folder)

describe('every message that was ever published', () => {
  it.each(files)('%s is still readable', (file) => {
    const golden: Envelope = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    const message = messages.find(({ type }) => type === golden.type)
    expect(Compile(Envelope).Errors(golden)).toEqual([])
    expect(message && Compile(message.data).Errors(golden.data)).toEqual([])
    expect(golden.source).toBe(`/aisle/${message?.source}`)
  })

  it('has a golden file for each type', () => {
    const kept = new Set(files.map((file) => file.replace(/(\.\d+)?\.json$/, '')))
    expect(messages.map(({ type }) => type.replace(':', '-')).filter((name) => !kept.has(name))).toEqual([])
  })

  it('is refused when a required field is missing', () => {
    for (const message of messages) {
      const golden = JSON.parse(readFileSync(new URL(`${message.type.replace(':', '-')}.json`, folder), 'utf8'))
      const { version: _, ...without } = golden.data
      expect(Compile(message.data).Check(without), message.type).toBe(false)
    }
  })
})
