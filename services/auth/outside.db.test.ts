// What a service reveals to outsiders, and what it believes of them: client addresses, and its API document.

import { start } from '@aisle/kit/boot/start'
import { expect, it } from 'vitest'
import { clock, log, useAuth, values } from './auth-testing.ts'
import { auth } from './service.ts'

useAuth()

async function withAuth<T>(config: Record<string, string>, use: (url: string) => Promise<T>): Promise<T> {
  const running = await start(auth, { ...values, ...config }, { clock, log })
  try {
    return await use(running.url)
  } finally {
    await running.stop()
  }
}

/** How many of 40 guesses are processed if each client claims another address. */
const heardOf = (trustedProxies: string | null, claim: (i: number) => string) =>
  withAuth(
    { RATE_LIMIT: '1000', ...(trustedProxies === null ? {} : { TRUSTED_PROXIES: trustedProxies }) },
    async (url) => {
      let heard = 0
      for (let i = 0; i < 40; i++) {
        const { status } = await fetch(`${url}/api/users/signin`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': claim(i) },
          body: JSON.stringify({ email: `${crypto.randomUUID()}@aisle.test`, password: 'not this one' }),
        })
        if (status !== 429) heard++
      }
      return heard
    },
  )

it.each([
  ['behind one proxy that sees private addresses', '1', '10.0.0.1'],
  ['behind a proxy of this machine, as when nothing is set', null, '10.0.0.2'],
  ['behind networks that its own is not in', '127.0.0.0/8,10.9.0.0/16', '10.0.0.3'],
  ['before whom nobody stands', '0', '10.0.0.4'],
])('a client %s (TRUSTED_PROXIES %s) chooses no address', async (_, trustedProxies, seen) => {
  expect(await heardOf(trustedProxies, (i) => `203.0.113.${i}, ${seen}`)).toBe(30)
})

it.each(['2', '127.0.0.0/8,::1,10.0.0.0/24'])(
  'clients behind two proxies (%s) are told apart',
  async (trustedProxies) => {
    expect(await heardOf(trustedProxies, (i) => `203.0.113.${i}, 10.0.0.5`)).toBe(40)
  },
)

it('an address at which a proxy saw somebody is one client, whatever it claims', async () => {
  expect(await heardOf('2', (i) => `198.51.100.${i}, 203.0.113.99, 10.0.0.5`)).toBe(30)
})

it('a name of the request is taken of a proxy alone', async () => {
  const idOf = async (trustedProxies: string) =>
    withAuth({ TRUSTED_PROXIES: trustedProxies }, async (url) => {
      const { headers } = await fetch(`${url}/api/users/currentuser`, { headers: { 'x-request-id': 'abcdefgh-1' } })
      return headers.get('x-request-id')
    })
  expect(await idOf('1')).toBe('abcdefgh-1')
  expect(await idOf('10.0.0.0/8')).not.toBe('abcdefgh-1')
})

it.each(['nobody', '10.0.0.0/33', '10.0.0.0/', '1,2', '10.0.0.5/8/8', '::1/129', 'all'])(
  'does not start with proxies that are none: %s',
  async (trustedProxies) => {
    await expect(withAuth({ TRUSTED_PROXIES: trustedProxies }, async () => {})).rejects.toThrow(/TRUSTED_PROXIES/)
  },
)

it('what only admins may call stands in its document in development alone', async () => {
  const pathsIn = (environment: string) =>
    withAuth({ ENVIRONMENT: environment }, async (url) => {
      const document = (await (await fetch(`${url}/api/auth/openapi.json`)).json()) as { paths: object }
      return Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      )
    })
  const all = await pathsIn('development')
  const outside = await pathsIn('demo')
  expect(all).toEqual(expect.arrayContaining(['get /api/admin/users', 'post /api/users/{id}/ban']))
  expect(outside).toEqual(expect.arrayContaining(['post /api/users/signin', 'get /api/users/me/sessions']))
  expect(outside.filter((call) => /admin|\/ban$/.test(call))).toEqual([])
})
