// Whom we believe about where a request comes from: the proxies that are configured, and nobody else.

import { BlockList, isIP } from 'node:net'

/** This machine. */
export const ownProxies = '127.0.0.0/8,::1/128'

/** What TRUSTED_PROXIES may say, for people. */
export const proxiesMeaning =
  'whose word about the client is taken: how many proxies stand before the program, such as 1, or their networks with commas, such as 10.0.7.0/24'

/** Whether the hop at `address` is a proxy of ours; `nth` is 0 for the one that is connected, 1 for the one before it. */
export type Proxies = (address: string, nth: number) => boolean

/** @throws an Error that names what is neither a number of hops nor a network */
export function proxiesOf(setting: string): Proxies {
  if (/^\d$/.test(setting)) return (_, nth) => nth < Number(setting)
  const networks = new BlockList()
  for (const network of setting.split(',')) {
    const [address = '', bits, ...more] = network.trim().split('/')
    const version = isIP(address)
    const longest = version === 4 ? 32 : 128
    const length = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (version === 0 || more.length > 0 || !(length >= 0 && length <= longest))
      throw new Error(`TRUSTED_PROXIES has "${network}", which is no network (${proxiesMeaning})`)
    networks.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  }
  return (address) => {
    const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
    const version = isIP(bare)
    return version !== 0 && networks.check(bare, version === 4 ? 'ipv4' : 'ipv6')
  }
}
