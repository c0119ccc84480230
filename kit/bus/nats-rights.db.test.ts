// The rights of a broker's users: two services work with exactly these rights.

import { describe, expect, it } from 'vitest'
import { announcer, broker, envelopeOf, exactly, heard, listen, say, world } from '../testing/broker-stage.ts'
import { range } from '../testing/bus-stage.ts'
import { operate } from '../testing/nats.ts'
import { newId } from '../time/ids.ts'
import { publishedHeaders } from './nats-stream.ts'

const asUser = (name: string) => operate(broker.urlOf(name), `_INBOX.${world.namespace}.${name}`)
const refused = /permissions violation/i
const forged = (n: number) => JSON.stringify(envelopeOf({ id: newId(), n }))
/** Headers that claim to be the newest message in the outbox of alpha. */
const headers = publishedHeaders('alpha', {
  xid: '999999999',
  seq: '1',
  epoch: 0,
  follows: null,
  isAgain: false,
})

describe('a service', () => {
  it('publishes its own messages, and none in the name of another', async () => {
    await listen()
    await say(range(3).map((n) => ({ id: newId(), n })))
    await heard(3)
    await using beta = await asUser('beta')
    const subject = `${world.namespace}.alpha.note.happened`
    await expect(beta.nc.request(subject, forged(99), { headers, timeout: 2_000 })).rejects.toThrow(refused)
    await exactly(range(3))
  })

  it.for([
    ['make the stream of another', (jsm: Jsm) => jsm.streams.add({ name: 'WORLD_GAMMA', subjects: ['gamma'] })],
    ['empty it', (jsm: Jsm) => jsm.streams.purge('WORLD_ALPHA')],
    ['delete it', (jsm: Jsm) => jsm.streams.delete('WORLD_ALPHA')],
    ['delete a message of it', (jsm: Jsm) => jsm.streams.deleteMessage('WORLD_ALPHA', 1)],
    ['empty its own', (jsm: Jsm) => jsm.streams.purge('WORLD_BETA')],
    ['read by a consumer of another name', (jsm: Jsm) => jsm.consumers.add('WORLD_ALPHA', { durable_name: 'gamma' })],
    ['take the consumer of another', (jsm: Jsm) => jsm.consumers.delete('WORLD_ALPHA', 'gamma')],
  ] as const)('may not %s', async ([, act]) => {
    await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await using beta = await asUser('beta')
    await expect(act(beta.jsm)).rejects.toThrow(refused)
    await exactly([0])
  })

  it('may not subscribe to the replies of another', async () => {
    await using beta = await asUser('beta')
    const ears = beta.nc.subscribe(`_INBOX.${world.namespace}.alpha.>`)
    await expect(ears.closed).resolves.toMatchObject({ message: expect.stringMatching(refused) })
  })

  it('cannot have the broker copy its messages to the stream of another', async () => {
    await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await using operator = await operate(broker.url)
    // A second owner of a stream, like a compromised service.
    await operator.jsm.streams.add({
      name: 'WORLD_THIEF',
      subjects: ['thief'],
      republish: { src: 'thief', dest: `${world.namespace}.alpha.note.happened` },
    })
    await operator.nc.request('thief', forged(99), { headers, timeout: 5_000 })
    await say([{ id: newId(), n: 1 }])
    await heard(2)
    await exactly([0, 1])
    await operator.jsm.streams.delete('WORLD_THIEF')
  })

  it('does not take what was first published on another stream', async () => {
    await listen()
    await say([{ id: newId(), n: 0 }])
    await heard(1)
    await using operator = await operate(broker.url)
    const ofGamma = publishedHeaders('gamma', { xid: '999999999', seq: '1', epoch: 0, follows: null, isAgain: false })
    await operator.nc.request(`${world.namespace}.alpha.note.happened`, forged(99), {
      headers: ofGamma,
      timeout: 5_000,
    })
    await say([{ id: newId(), n: 1 }])
    await heard(2)
    await exactly([0, 1])
    expect(announcer().trouble()).toBeNull()
  })
})

type Jsm = Awaited<ReturnType<typeof asUser>>['jsm']
