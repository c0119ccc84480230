import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { OrderStatus, PaymentStatus, TicketStatus } from '@aisle/contracts/entities'
import { messages } from '@aisle/contracts/messages/index'
import { heardBy } from '@aisle/kit/boot/hears'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { documents } from './asyncapi.ts'
import { services } from './stack.ts'

type Document = {
  channels: Record<string, { address: string }>
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>
}
const read = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')
const kept = read('asyncapi.json')
const document = JSON.parse(kept) as Document

/** The official schema of AsyncAPI 3. Formats are not checked: ajv alone knows none. */
const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object
const check = new Ajv({ strict: false, validateFormats: false }).compile(specification)
const faultsOf = (value: unknown) => (check(value) ? [] : check.errors)

/** The value that a JSON pointer into the document refers to. */
const follow = (pointer: string) =>
  pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
const refs = [...kept.matchAll(/"\$ref": "([^"]+)"/g)].map(([, pointer]) => pointer!)

it.each(Object.entries(documents))('docs/%s is up to date; "npm run asyncapi" writes it', (name, text) => {
  expect(read(name)).toBe(text())
})

describe('docs/asyncapi.json', () => {
  it('is valid AsyncAPI 3, and every reference leads somewhere', () => {
    expect(faultsOf(document)).toEqual([])
    expect(refs.length).toBeGreaterThan(messages.length)
    expect(refs.filter((pointer) => follow(pointer) === undefined)).toEqual([])
  })

  it('would not be valid with an unknown field or a wrong action', () => {
    expect(faultsOf({ ...document, chanels: {} })).not.toEqual([])
    const [name, operation] = Object.entries(document.operations)[0]!
    expect(faultsOf({ ...document, operations: { [name]: { ...operation, action: 'publish' } } })).not.toEqual([])
  })

  it('has every message, sent by its service, and everything that a service consumes', () => {
    expect(new Set(Object.keys(document.channels))).toEqual(new Set(messages.map(({ type }) => type.replace(':', '.'))))
    const said = Object.entries(document.operations).filter(([, { action }]) => action === 'send')
    expect(new Set(said.map(([name]) => name))).toEqual(
      new Set(messages.map(({ source, type }) => `${source}.says.${type.replace(':', '.')}`)),
    )
    for (const { name, reactions } of services)
      for (const { message } of reactions)
        expect(document.operations).toHaveProperty([`${name}.hears.${message.type.replace(':', '.')}`])
  })
})

describe('docs/messages.md', () => {
  it('has every message below its publisher, with its description, its listeners and its data', () => {
    const sections = new Map(
      read('messages.md')
        .split('\n## From ')
        .slice(1)
        .map((section) => [section.slice(0, section.indexOf('\n')), section]),
    )
    for (const { type, source, description } of messages) {
      const listeners = services
        .filter((service) => heardBy(service).types.includes(type))
        .map(({ name }) => name)
        .join(', ')
      expect(sections.get(source)).toContain(`| \`${type}\` | ${description} | ${listeners || 'no service'} | [`)
    }
    expect(sections.get('orders')).toContain('| `ticket.event.startsAt` | time |  |\n')
  })
})

describe('docs/states.md', () => {
  it('has every status of a ticket, an order and a payment in its diagram', () => {
    const diagrams = [...read('states.md').matchAll(/```mermaid\n([^`]+)```/g)].map(([, diagram]) => diagram!)
    const statuses = [TicketStatus.enum, OrderStatus.enum, PaymentStatus.enum]
    expect(diagrams.length).toBe(statuses.length)
    for (const [index, names] of statuses.entries())
      for (const name of names) expect(diagrams[index]).toMatch(new RegExp(`\\b${name.replace(/\W/, '_')}\\b`))
  })
})
