import { Type } from 'typebox'
import { expect, it } from 'vitest'
import { baseConfig, ConfigError, readConfig } from './config.ts'

const schema = {
  PORT: Type.Integer({ default: 80, minimum: 1, maximum: 65535, description: 'port to listen on' }),
  URL: Type.String({ pattern: '^https?://', description: 'where people come in' }),
  LEVEL: Type.Enum(['low', 'high'], { default: 'low', description: 'how much' }),
  EXTRA: Type.Optional(Type.Integer({ description: 'something more' })),
}
const failure = (values: Record<string, unknown>): string => {
  try {
    readConfig(schema, values)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  throw new Error('It was accepted.')
}

it('reads text by the type of its key, fills in defaults and ignores other keys', () => {
  const config = readConfig(schema, { URL: 'http://x', PORT: '8080', EXTRA: '', HOME: '/root' })
  expect(config).toEqual({ URL: 'http://x', PORT: 8080, LEVEL: 'low' })
})

it('names all bad keys at once, each with its purpose', () => {
  const text = failure({ PORT: '99999', LEVEL: 'middle', EXTRA: 'much' })
  for (const line of [
    /PORT .*\(port to listen on\)/,
    /URL is required \(where people/,
    /LEVEL must be one of low, high/,
    /EXTRA .*\(something/,
  ])
    expect(text).toMatch(line)
})

it.each(['80.5', '0x50', '1e3', 'http', ' ', '-1', '0'])('refuses the port %j', (PORT) => {
  expect(failure({ URL: 'http://x', PORT })).toContain('PORT')
})

it('describes every key that all services have', () => {
  for (const [key, { description }] of Object.entries(baseConfig(['auth'])) as [string, { description?: string }][])
    expect([key, description?.length]).toEqual([key, expect.any(Number)])
  expect(Object.keys(baseConfig(['auth', 'orders']))).toEqual(
    expect.arrayContaining(['OUTBOX_URL_AUTH', 'OUTBOX_URL_ORDERS']),
  )
})
