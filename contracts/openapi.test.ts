import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { endpoints } from './api/index.ts'
import { services } from './endpoint.ts'
import { openapi } from './openapi.ts'
import { refusals } from './refusals.ts'

it.each(services)('the OpenAPI document of %s is valid', async (name) => {
  const document = openapi({ title: name, description: 'd' }, endpoints[name])
  const result = await new Validator().validate(JSON.parse(JSON.stringify(document)))
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
})

it('no two endpoints share method and path', () => {
  const names = Object.values(endpoints)
    .flat()
    .map(({ method, path }) => `${method} ${path}`)
  expect(new Set(names).size).toBe(names.length)
})

it('every refusal has a sentence and an error status', () => {
  for (const { status, title } of Object.values(refusals)) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(title).toMatch(/^[A-Z].*\.$/)
  }
})
