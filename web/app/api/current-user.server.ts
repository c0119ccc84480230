// The current user, requested from the API once per page.

import { currentUser } from '@aisle/contracts/api/users'
import type { Success } from '@aisle/contracts/endpoint'
import type { User } from '@aisle/contracts/entities'
import { isSignedIn } from '../../server/signed-in.ts'
import type { Audience } from '../../server/visit.ts'
import { readApi, refusalPage, toSignIn } from './call-api.server.ts'
import { type Context, visitOf } from './visit.server.ts'

type CurrentUser = Success<typeof currentUser>
const nobody: CurrentUser = { currentUser: null }
const asked = new WeakMap<Context, Promise<CurrentUser>>()

/** The user, or null. If the API cannot tell, a page that needs no user is still shown, as to a stranger. */
export const currentUserOf = async (context: Context): Promise<User | null> =>
  (await ask(context).catch(() => nobody)).currentUser

/** The audience the visitor belongs to. */
export async function audienceOf(context: Context): Promise<Audience> {
  const { audience } = visitOf(context)
  if (audience) return audience
  const user = await currentUserOf(context)
  return user ? (user.role === 'admin' ? 'admin' : 'member') : 'stranger'
}

/** The user; a stranger is redirected to sign-in and back. */
export async function requireUser(context: Context): Promise<User> {
  const { currentUser: user } = await ask(context)
  if (!user) throw toSignIn(context)
  return user
}

/** The admin; anyone else gets a page saying that it is for admins only, or what it takes to use it. */
export async function requireAdmin(context: Context): Promise<User> {
  const user = await requireUser(context)
  if (user.role !== 'admin') throw refusalPage(context, { status: 403, problem: { code: 'admins-only' } })
  if ((await ask(context)).secondFactorNeeded)
    throw refusalPage(context, { status: 403, problem: { code: 'second-factor-needed' } })
  return user
}

function ask(context: Context): Promise<CurrentUser> {
  if (!isSignedIn(visitOf(context).headers.cookie)) return Promise.resolve(nobody)
  const known = asked.get(context)
  if (known) return known
  const answer = readApi(context, currentUser, {}).then(({ body }) => body)
  asked.set(context, answer)
  return answer
}
