import { describe, expect, it } from 'vitest'
import { inTransactions, saleStatements, scriptOf } from './sale-statements.ts'

describe('a sale in transactions', () => {
  const services = { orders: ['a', 'b', 'c', 'd'], tickets: ['e', 'f'] }

  it('has one for each service at the least', () => {
    expect(inTransactions(services, 1)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['e', 'f'],
    ])
  })

  it('splits the longest first, and keeps the order', () => {
    expect(inTransactions(services, 3)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ])
  })

  it('has no more than statements', () => {
    expect(inTransactions(services, 100)).toEqual([['a'], ['b'], ['c'], ['d'], ['e'], ['f']])
  })

  it('writes every statement once, in any number', () => {
    const all = Object.values(saleStatements).flat()
    for (const count of [4, 13, 31]) {
      const transactions = inTransactions(saleStatements, count)
      expect([transactions.length, transactions.flat()]).toEqual([count, all])
    }
  })

  it('uses no colon that pgbench would take for a variable of its own', () => {
    const variables = scriptOf(inTransactions(saleStatements, 4)).match(/(?<!:):\w+/g)
    expect([...new Set(variables)].sort()).toEqual([':client_id', ':id', ':ticket'])
  })
})
