import { ConfigError } from '@aisle/kit/config'
import { expect, it } from 'vitest'
import { createProvider, type ProviderOptions } from './client.ts'

const [test, live] = ['sk_test_x', 'sk_live_x']
const host = '127.0.0.1'
const make = (options: Pick<ProviderOptions, 'secretKey' | 'environment'> & { host?: string }) =>
  createProvider({ ...options, pace: async () => {} })

it.each([
  { environment: 'production', secretKey: test },
  { environment: 'production', secretKey: 'rk_test_x' },
  { environment: 'production', secretKey: test, host },
  { environment: 'production', secretKey: live, host },
  { environment: 'demo', secretKey: live },
  { environment: 'demo', secretKey: live, host },
  { environment: 'development', secretKey: live, host },
] as const)('real and play money are not mixed: $environment with $secretKey and sandbox $host', (options) =>
  expect(() => make(options)).toThrow(ConfigError),
)

it.each([
  { environment: 'production', secretKey: live },
  { environment: 'production', secretKey: 'rk_live_x' },
  { environment: 'demo', secretKey: test },
  { environment: 'demo', secretKey: test, host },
  { environment: 'development', secretKey: test, host },
] as const)('$environment takes $secretKey with sandbox $host', (options) => expect(() => make(options)).not.toThrow())
