// What counts as one client where limits go by address.

import { isIPv6 } from 'node:net'

/**
 * For IPv4 the address itself; for IPv6 its /64 network, the smallest that is assigned, whose holder has 2^64
 * addresses. Text that is not an address is returned unchanged.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  const [bare = ''] = address.split('%')
  const [head = '', tail] = bare.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail ?? '')]
  // A dotted end stands for two groups.
  const length = before.length + after.length + (bare.includes('.') ? 1 : 0)
  const all = tail === undefined ? before : [...before, ...Array<string>(8 - length).fill('0'), ...after]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
