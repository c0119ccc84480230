// How to get to a page or a state of it, for the tables of pages.

import type { Person } from './person.ts'
import type { Stage } from './stage.ts'

/** A URL, as seen by one of the people on the stage. */
export const at =
  (
    who: 'visitor' | 'seller' | 'buyer' | 'newcomer' | 'admin',
    path: string | ((stage: Stage) => string | Promise<string>),
  ) =>
  async (stage: Stage): Promise<Person> => {
    await stage[who].opens(typeof path === 'string' ? path : await path(stage))
    return stage[who]
  }

/** A form handed back after a refusal. */
export const refused = async (
  person: Person,
  path: string,
  fields: Readonly<Record<string, string>>,
  button: string,
) => {
  await person.opens(path)
  await person.fills(fields)
  await person.presses(button)
  await person.sees('alert', /.*/)
  return person
}

/** A user who has just been banned. */
export const banned = async ({ site, admin }: Stage) => {
  const { user } = await site.world.member()
  await admin.client.expect(204, 'POST', `/api/users/${user.id}/ban`, { reason: 'Sold the same seat elsewhere' })
  return user
}
