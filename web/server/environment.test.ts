import { expect, it } from 'vitest'
import { EnvironmentError, readEnvironment } from './environment.ts'

const right = { API_URL: 'http://{service}:8080', PUBLIC_URL: 'https://aisle.test' }

it('an environment with the addresses is enough', () => {
  expect(readEnvironment(right)).toMatchObject({ ...right, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info' })
})

it('an empty value is none, and keys of others are nobody’s concern', () => {
  expect(readEnvironment({ ...right, PORT: '', HOME: '/root' })).toMatchObject({ PORT: '0' })
})

it('every key that is wrong is named at once', () => {
  const wrong = {
    PUBLIC_URL: 'https://aisle.test/shop',
    PORT: '70000',
    LOG_LEVEL: 'loud',
    PAYMENT_ORIGINS: 'a, b',
    SITE_EMAIL: 'me',
  }
  const named = ['API_URL is required', 'SITE_EMAIL', 'PUBLIC_URL', 'PORT', 'LOG_LEVEL', 'PAYMENT_ORIGINS'] as const
  expect(() => readEnvironment({ ...wrong, BUILD_DIRECTORY: '/nowhere' })).toThrow(EnvironmentError)
  for (const key of named) expect(() => readEnvironment(wrong)).toThrow(key)
})
