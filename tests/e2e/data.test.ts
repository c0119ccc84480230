// A person reads what is held about them: the page shows the newest of each part, the file has all.

import { expect, it } from 'vitest'
import { useSite } from './site.ts'

const site = useSite()

it('the page shows the newest hundred of many entries, and the file has them all', async () => {
  const person = await site.member()
  await site.world.sql('tickets')`
    insert into audit (at, actor, action, outcome, detail)
    select now(), ${person.user.id}, 'access', 'forbidden', 'entry ' || i from generate_series(1, 1101) i`
  await person.opens('/account/data')
  await person.readsText('More than 100 entries')
  const shown = await person.page.locator('dd', { hasText: /^entry / }).allTextContents()
  expect([shown.length, shown[0], shown.at(-1)]).toEqual([100, 'entry 1101', 'entry 1002'])

  const answer = await person.page.request.get(`${site.url}/account/data.json`)
  const { data } = (await answer.json()) as { data: { part: string; service: string; entries: unknown[] }[] }
  const records = data.filter(({ part, service }) => part === 'record' && service === 'tickets')
  expect(records.map(({ entries }) => entries.length)).toEqual([1101])
})
