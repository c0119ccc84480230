import { expect, it } from 'vitest'
import { ownProxies, proxiesOf } from './proxies.ts'

it('reads a number as the trusted hops, wherever they are', () => {
  const one = proxiesOf('1')
  expect([one('203.0.113.7', 0), one('127.0.0.1', 1)]).toEqual([true, false])
  expect(proxiesOf('0')('127.0.0.1', 0)).toBe(false)
})

it('matches the addresses of a network in every spelling, at every hop', () => {
  const trusts = proxiesOf('10.0.7.0/24, fd00:7::/64,192.0.2.1')
  for (const address of ['10.0.7.255', '::ffff:10.0.7.1', 'fd00:7::1', 'FD00:0007:0:0::2', '192.0.2.1'])
    expect([address, trusts(address, 3)]).toEqual([address, true])
  for (const address of ['10.0.8.0', '::ffff:10.0.8.1', 'fd00:8::1', '192.0.2.2', '127.0.0.1', '', 'unknown'])
    expect([address, trusts(address, 0)]).toEqual([address, false])
})

it('trusts this machine, and only this machine, by default', () => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
    expect(proxiesOf(ownProxies)(address, 0)).toBe(true)
  for (const address of ['10.0.0.1', '::2', '::', '0.0.0.0']) expect(proxiesOf(ownProxies)(address, 0)).toBe(false)
})
