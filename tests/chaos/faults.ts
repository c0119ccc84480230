// The faults, each with its end. A seed fixes their order, targets and durations.

import type { ServiceName } from '@aisle/contracts/endpoint'
import type { Random } from '../histories/random.ts'
import type { Broken } from './broken-stack.ts'

export type Fault = {
  readonly name: string
  /** Whether work done during the fault may be lost. */
  readonly loses?: true
  begin(): Promise<void> | void
  end(): Promise<void> | void
}
export type Planned = {
  readonly name: string
  readonly pauseMs: number
  readonly lastsMs: number
  readonly fault: Fault
}

const nothing = () => {}

/** Each kind, with its relative frequency. */
const kinds = {
  'kill a service': 6,
  'stop a service': 3,
  'kill PostgreSQL': 3,
  'kill NATS': 2,
  'stop NATS': 1,
  'wipe NATS': 1,
  'cut a link': 3,
  'silence a link': 2,
  'forget a link': 1,
  'delay a link': 2,
  'fill a disk': 1,
  'skew a clock': 1,
  'take a database back': 1,
}
type Kind = keyof typeof kinds

/** `count` faults in sequence, with pauses shorter than the time their damage takes to heal. */
export function planFaults(random: Random, stack: Broken, count: number): Planned[] {
  const cannot = new Set<string>([...(stack.disk ? [] : ['fill a disk']), ...(stack.skew ? [] : ['skew a clock'])])
  const able = Object.fromEntries(Object.entries(kinds).filter(([kind]) => !cannot.has(kind))) as typeof kinds
  // Every kind once, then at random.
  const first = Object.keys(able).sort(() => random.below(2) - 0.5) as Kind[]
  return Array.from({ length: count }, (_, nth) => {
    const fault = faultOf(first[nth] ?? random.weighted(able), random, stack)
    return { name: fault.name, fault, pauseMs: 500 + random.below(2_500), lastsMs: 500 + random.below(4_500) }
  })
}

function faultOf(kind: Kind, random: Random, stack: Broken): Fault {
  const replica = random.pick(stack.replicas)
  const service = random.pick(Object.keys(stack.postgres) as ServiceName[])
  switch (kind) {
    case 'kill a service':
      return { name: `kill -9 ${replica.name}`, begin: () => replica.signal('SIGKILL'), end: nothing }
    case 'stop a service':
      return {
        name: `stop ${replica.name}`,
        begin: () => replica.signal('SIGSTOP'),
        end: () => replica.signal('SIGCONT'),
      }
    case 'kill PostgreSQL':
      return {
        name: `kill -9 PostgreSQL of ${service}`,
        begin: () => stack.postgres[service].signal('SIGKILL'),
        end: nothing,
      }
    case 'kill NATS':
      return { name: 'kill -9 NATS', begin: () => stack.nats.signal('SIGKILL'), end: nothing }
    case 'stop NATS':
      return { name: 'stop NATS', begin: () => stack.nats.signal('SIGSTOP'), end: () => stack.nats.signal('SIGCONT') }
    case 'wipe NATS':
      return { name: 'wipe the store of NATS', begin: () => stack.nats.wipe(), end: nothing }
    case 'cut a link':
    case 'silence a link':
    case 'delay a link': {
      const [name, link] = random.pick([...stack.links])
      const state =
        kind === 'cut a link' ? 'cut' : kind === 'silence a link' ? 'silent' : { delayMs: 20 + random.below(300) }
      const what = typeof state === 'object' ? `delay ${name} by ${state.delayMs} ms` : `${kind.split(' ')[0]} ${name}`
      return { name: what, begin: () => link.set(state), end: () => link.set('open') }
    }
    case 'forget a link': {
      // Like a firewall: open connections stay open but carry no data, for good. New connections work.
      const [name, link] = random.pick([...stack.links])
      return { name: `forget the connections of ${name}`, begin: () => link.forget(), end: nothing }
    }
    case 'take a database back': {
      const server = random.pick(['orders', 'tickets', 'expiration'] as const)
      return {
        name: `PostgreSQL of ${server} comes back as it is now`,
        loses: true,
        begin: () => stack.postgres[server].keep(),
        end: () => stack.postgres[server].goBack(),
      }
    }
    case 'fill a disk':
      return {
        name: `fill the disk of ${stack.disk!.of}`,
        begin: () => stack.disk!.fill(),
        end: () => stack.disk!.empty(),
      }
    case 'skew a clock': {
      const seconds = random.pick([-90, -20, 30, 300])
      return {
        name: `skew the clocks of ${stack.skew!.of} by ${seconds} s`,
        begin: () => stack.skew!.by(seconds),
        end: () => stack.skew!.by(0),
      }
    }
    default:
      return kind satisfies never
  }
}
