import { expect, it } from 'vitest'
import { remember } from './remember.ts'

function counting(most = 10) {
  let [time, made] = [0, 0]
  const pages = remember<string>({ forMs: 1000, most, now: () => time })
  return {
    ask: (key: string, value?: string | null) =>
      pages(key, async () => {
        made++
        return value === undefined ? `${key} at ${time}` : value
      }),
    pass: (ms: number) => {
      time += ms
    },
    made: () => made,
  }
}

it('is made once for all who ask at the same time, and not again within its second', async () => {
  const { ask, pass, made } = counting()
  expect(await Promise.all([ask('/'), ask('/'), ask('/')])).toEqual(['/ at 0', '/ at 0', '/ at 0'])
  pass(999)
  expect(await ask('/')).toBe('/ at 0')
  expect(made()).toBe(1)
  pass(1)
  expect(await ask('/')).toBe('/ at 1000')
})

it('each key is its own', async () => {
  const { ask } = counting()
  expect([await ask('en /'), await ask('de /')]).toEqual(['en / at 0', 'de / at 0'])
})

it('what must not be kept is not kept', async () => {
  const { ask, made } = counting()
  expect(await ask('/', null)).toBeNull()
  expect(await ask('/')).toBe('/ at 0')
  expect(made()).toBe(2)
})

it('an error is for those who waited, and not for the next', async () => {
  const pages = remember<string>({ forMs: 1000, most: 10 })
  const failing = () => Promise.reject(new Error('no service'))
  await expect(Promise.all([pages('/', failing), pages('/', failing)])).rejects.toThrow('no service')
  expect(await pages('/', async () => 'well again')).toBe('well again')
})

it('the oldest is forgotten when there are too many', async () => {
  const { ask, made } = counting(2)
  for (const key of ['a', 'b', 'c', 'c', 'b']) await ask(key)
  expect(made()).toBe(3)
  await ask('a')
  expect(made()).toBe(4)
})
