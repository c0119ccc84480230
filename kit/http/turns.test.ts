import { expect, it } from 'vitest'
import { createTurns } from './turns.ts'

/** Records what has begun, and ends each by name. */
function begin(turns: ReturnType<typeof createTurns>) {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  return {
    begun,
    async ask(client: string, name: string) {
      const end = await turns.take(client)
      if (!end) return
      begun.push(name)
      ends.set(name, end)
    },
    async end(name: string) {
      ends.get(name)?.()
      await Promise.resolve()
    },
  }
}

it('a client that exceeds its share waits for itself, and delays no other client', async () => {
  const work = begin(createTurns(2))
  const asked = ['a1', 'a2', 'a3', 'a4'].map((name) => work.ask('a', name))
  await work.ask('b', 'b1')
  expect(work.begun).toEqual(['a1', 'a2', 'b1'])
  await work.end('a2')
  await asked[2]
  expect(work.begun).toEqual(['a1', 'a2', 'b1', 'a3'])
  await work.end('a1')
  await asked[3]
  expect(work.begun).toEqual(['a1', 'a2', 'b1', 'a3', 'a4'])
})

it('a client whose requests are all answered has its whole share again', async () => {
  const work = begin(createTurns(1))
  await work.ask('a', 'a1')
  const second = work.ask('a', 'a2')
  await work.end('a1')
  await second
  await work.end('a2')
  await work.ask('a', 'a3')
  expect(work.begun).toEqual(['a1', 'a2', 'a3'])
})

it('a stop ends every wait, and nothing that waited begins', async () => {
  const turns = createTurns(1)
  const work = begin(turns)
  await work.ask('a', 'a1')
  const waiting = ['a2', 'a3'].map((name) => work.ask('a', name))
  turns.close()
  await Promise.all(waiting)
  await work.end('a1')
  expect(work.begun).toEqual(['a1'])
})
