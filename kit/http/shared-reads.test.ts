import { expect, it } from 'vitest'
import { shareReads } from './shared-reads.ts'

function reads() {
  const begun: PromiseWithResolvers<number>[] = []
  const read = () => {
    const reading = Promise.withResolvers<number>()
    begun.push(reading)
    return reading.promise
  }
  return { begun, read }
}

it('callers during a read share the next one', async () => {
  const share = shareReads()
  const { begun, read } = reads()
  const first = share('a', read)
  const later = [share('a', read), share('a', read), share('a', read)]
  expect(begun.length).toBe(1)
  begun[0]!.resolve(1)
  expect(await first).toBe(1)
  await Promise.resolve()
  expect(begun.length).toBe(2)
  begun[1]!.resolve(2)
  expect(await Promise.all(later)).toEqual([2, 2, 2])
})

it('a failing read fails its callers, and the next one runs nevertheless', async () => {
  const share = shareReads()
  const { begun, read } = reads()
  const first = share('a', read)
  const second = share('a', read)
  begun[0]!.reject(new Error('lost'))
  await expect(first).rejects.toThrow('lost')
  await Promise.resolve()
  begun[1]!.resolve(2)
  expect(await second).toBe(2)
})

it('reads of different things do not wait for each other', async () => {
  const share = shareReads()
  const { begun, read } = reads()
  const all = [share('a', read), share('b', read)]
  expect(begun.length).toBe(2)
  for (const [index, reading] of begun.entries()) reading.resolve(index)
  expect(await Promise.all(all)).toEqual([0, 1])
})
