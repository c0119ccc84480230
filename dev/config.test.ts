import { readFileSync } from 'node:fs'
import { readConfig } from '@aisle/kit/config'
import { expect, it } from 'vitest'
import { devConfig } from './config.ts'

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const keys = Object.entries(devConfig as Record<string, { default?: unknown; description?: string }>)

it("README's table of settings matches the code", () => {
  const rows = [...file('README.md').matchAll(/^\| `([A-Z_]+)` \| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, key, value, meaning]) => ({ key, value, meaning }),
  )
  expect(rows).toEqual(
    keys.map(([key, { default: value, description: meaning }]) => ({ key, value: String(value), meaning })),
  )
})

it('.env.example shows every key with its default', () => {
  const lines = file('.env.example')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
  expect(lines).toEqual(keys.map(([key, { default: value }]) => `${key}=${value}`))
})

it('reads settings from text, and names every bad one at once', () => {
  expect(readConfig(devConfig, { PORT: '8080', SEED: '0' })).toMatchObject({
    PORT: 8080,
    SEED: 0,
    ORDER_WINDOW_SECONDS: 900,
  })
  expect(() => readConfig(devConfig, { PORT: 'eighty', SEED: 'yes', RATE_LIMIT: '-1' })).toThrow(
    /PORT.*\n.*SEED.*\n.*RATE_LIMIT/,
  )
})
