import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Store } from './store.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stripe-sandbox-store-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

describe('requests that share a commit', () => {
  it('are written or not each for itself', async () => {
    const store = new Store(dataDir)
    store.transaction(() => store.addToBalance('usd', 1))
    expect(() =>
      store.transaction(() => {
        store.addToBalance('usd', 10)
        throw new Error('this one fails')
      }),
    ).toThrow('this one fails')
    store.transaction(() => store.addToBalance('usd', 100))
    await store.committed()
    expect(store.balances()).toEqual([{ currency: 'usd', pending: 101 }])
    store.close()
  })

  it('are on file when the store is closed before the commit was due', () => {
    const store = new Store(dataDir)
    store.transaction(() => store.addToBalance('usd', 1))
    store.close()
    const again = new Store(dataDir)
    expect(again.balances()).toEqual([{ currency: 'usd', pending: 1 }])
    again.close()
  })
})
