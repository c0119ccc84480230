// Which proxies are trusted to tell where a request comes from: only the configured ones.

import { BlockList, isIP } from 'node:net'

/** The networks of this machine. */
export const ownProxies = '127.0.0.0/8,::1/128'

/** The meaning of TRUSTED_PROXIES, for people. */
export const proxiesMeaning =
  'trusted proxies: how many stand in front of the program, such as 1, or their networks, comma-separated, such as 10.0.7.0/24'

/** Whether the hop at `address` is a trusted proxy; `nth` is 0 for the connected one, 1 for the one before it. */
export type Proxies = (address: string, nth: number) => boolean

/**
 * Reads TRUSTED_PROXIES: a number of hops (0 to 9), or networks separated by commas.
 * @throws {Error} naming the part that is neither
 */
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
