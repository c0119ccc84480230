// The authenticator app of somebody in a world: it has the secret, and shows a code at a time.

import { codeAt, stepMs } from '../services/auth/authenticator-testing.ts'
import type { Client } from './client.ts'
import type { World } from './world.ts'

export type App = {
  readonly secret: string
  /** The code that it shows now. Each is accepted once: the next one comes half a minute later. */
  code(): string
  /** Half a minute later: another code. */
  next(): Promise<string>
}

export const appWith = (world: World, secret: string): App => {
  const code = () => codeAt(secret, world.clock.now())
  return {
    secret,
    code,
    async next() {
      await world.clock.advance(stepMs)
      return code()
    },
  }
}

/** Connects an app to the account of `client`. Its first code is used. */
export async function connectApp(world: World, client: Client): Promise<App & { recoveryCodes: readonly string[] }> {
  const { secret } = await client.expect<{ secret: string }>(200, 'POST', '/api/users/me/authenticator')
  const app = appWith(world, secret)
  const { recoveryCodes } = await client.expect<{ recoveryCodes: string[] }>(
    200,
    'POST',
    '/api/users/me/authenticator/confirm',
    { code: app.code() },
  )
  return { ...app, recoveryCodes }
}
