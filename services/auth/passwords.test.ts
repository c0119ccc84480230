import { hash } from '@node-rs/argon2'
import { beforeAll, describe, expect, it } from 'vitest'
import { createPasswords, type Passwords } from './passwords.ts'

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const composed = 'crème brûlée'.normalize('NFC')
const decomposed = composed.normalize('NFD')

let passwords: Passwords
beforeAll(async () => {
  passwords = await createPasswords()
})

describe('a password', () => {
  it('is the same from every keyboard, however it composes letters and whichever blank it has', async () => {
    const stored = await passwords.hash(decomposed)
    for (const typed of [composed, decomposed, composed.replace(' ', '\u00a0'), composed.replace(' ', '\u3000')])
      expect(await passwords.verify(stored, typed)).toEqual({ isRight: true, isOutdated: false })
    expect(await passwords.verify(stored, 'creme brulee')).toMatchObject({ isRight: false })
  })

  it('keeps its letter case, its blanks and its width', async () => {
    const stored = await passwords.hash(' Ｗide and tall ')
    for (const other of ['Ｗide and tall', ' Wide and tall ', ' ｗide and tall '])
      expect((await passwords.verify(stored, other)).isRight).toBe(false)
  })
})

describe('a hash from before', () => {
  it('of what was typed is right, and is to be replaced', async () => {
    const stored = await hash(decomposed, cost)
    for (const typed of [decomposed, composed])
      expect(await passwords.verify(stored, typed)).toEqual({ isRight: true, isOutdated: true })
    const wide = await hash('one\u00a0blank', cost)
    expect(await passwords.verify(wide, 'one\u00a0blank')).toEqual({ isRight: true, isOutdated: true })
  })

  it('of another cost is right, and is to be replaced', async () => {
    const stored = await hash(composed, { ...cost, timeCost: 1 })
    expect(await passwords.verify(stored, composed)).toEqual({ isRight: true, isOutdated: true })
    expect(await passwords.verify(await hash(composed, cost), composed)).toEqual({ isRight: true, isOutdated: false })
  })
})

it('no user has a password', async () => {
  expect(await passwords.verify(undefined, composed)).toEqual({ isRight: false, isOutdated: false })
})
