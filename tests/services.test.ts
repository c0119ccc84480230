// The services are those of one list, contracts/endpoint.ts, wherever else they are named. A service that is in the
// list and not in a file, or the other way round, is reported in a sentence that says what to do.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prefixes } from '@aisle/contracts/api/index'
import { services } from '@aisle/contracts/endpoint'
import { faultsOf, type Place, places, readPlace } from '@aisle/dev/new/places'
import { services as definitions } from '@aisle/dev/stack'
import { describe, expect, it } from 'vitest'
import { readText, root } from './infra-files.ts'

const titleOf = ({ file, part }: Place) => (part ? `${file}, ${part}` : file)
const byTitle = places.map((place) => [titleOf(place), place] as const)

describe('the services of contracts/endpoint.ts are', () => {
  it.each(byTitle)('those of %s', (_, place) => {
    expect(faultsOf(place, readPlace(root, place.file), services)).toEqual([])
  })

  it('the workspaces of services/, each under its name', () => {
    for (const name of services) {
      const { name: workspace } = JSON.parse(readFileSync(join(root, 'services', name, 'package.json'), 'utf8'))
      expect(workspace).toBe(`@aisle/${name}`)
    }
    expect(definitions.map(({ name }) => name)).toEqual(services)
  })

  it('written in letters only: databases, keys of the environment and paths are named after them', () => {
    for (const name of services) expect(name).toMatch(/^[a-z]+$/)
  })

  it('not named in the alerts and the dashboard, which show every service there is', () => {
    for (const file of ['infra/alerts/aisle.yaml', 'infra/grafana/aisle.json'])
      expect(readText(file)).not.toMatch(new RegExp(`(${services.join('|')})\\|(${services.join('|')})`))
  })
})

describe('a service more', () => {
  it.each(byTitle)('is missed in %s, and fits there', (title, place) => {
    const text = readPlace(root, place.file)
    const [fault, ...others] = faultsOf(place, text, [...services, 'encores'])
    const where = title.replace(/, (.+)/, ' ($1)')
    expect(fault).toBe(`${where} has no service encores: ${place.wants('encores')}.`)
    expect(others).toEqual([])
    if (place.add) expect(faultsOf(place, place.add(text, 'encores'), [...services, 'encores'])).toEqual([])
  })

  it.each(byTitle)('is one too many in %s if the list lacks it', (_, place) => {
    expect(faultsOf(place, readPlace(root, place.file), services.slice(1))).toEqual([
      expect.stringMatching(/ has a service auth, which is not in the list of contracts\/endpoint\.ts: remove it\.$/),
    ])
  })

  it('is reported like this', () => {
    const compose = places.find(({ file }) => file === 'compose.yaml')!
    expect(faultsOf(compose, readText('compose.yaml'), [...services, 'encores'])).toEqual([
      'compose.yaml has no service encores: add the services migrate-encores and encores, like those of tickets.',
    ])
  })
})

it('no path belongs to two services, and none begins like that of another', () => {
  for (const [one] of prefixes)
    expect(prefixes.filter(([other]) => `${other}/`.startsWith(`${one}/`)).map(([other]) => other)).toEqual([one])
})
