import { expect, it } from 'vitest'
import { createGate } from './gate.ts'

/** Sends that end when they are told to. */
function held() {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const send = (name: string) => () => {
    begun.push(name)
    return new Promise<void>((end) => ends.push(end))
  }
  const endOne = async () => {
    ends.shift()?.()
    await new Promise(setImmediate)
  }
  return { begun, send, endOne }
}

it('what is important goes first when all connections are in use', async () => {
  const gate = createGate(1)
  const { begun, send, endOne } = held()
  const all = [
    gate.pass('order', send('first')),
    gate.pass('order', send('reminder')),
    gate.pass('money', send('receipt')),
    gate.pass('security', send('reset')),
    gate.pass('money', send('sale')),
  ]
  for (let n = 0; n < 5; n++) await endOne()
  await Promise.all(all)
  expect(begun).toEqual(['first', 'reset', 'receipt', 'sale', 'reminder'])
})

it('no more are sent at a time than there are connections, and a failure frees its own', async () => {
  const gate = createGate(2)
  let most = 0
  let running = 0
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) =>
      gate.pass('order', async () => {
        most = Math.max(most, ++running)
        await new Promise(setImmediate)
        running--
        if (n % 3 === 0) throw new Error('no')
      }),
    ),
  )
  expect(most).toBe(2)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(7)
})
