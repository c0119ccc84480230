// `npm run up:distributed`: every program as a process of its own, two of each, as on several machines.

import { startDistributedStack } from './distributed-stack.ts'
import { runMarketplace } from './run-marketplace.ts'

await runMarketplace(async ({ settings, dataDir, keys, config, sandboxPort, log, closers }) => {
  const stack = await startDistributedStack({ port: settings.PORT, dataDir, keys, sandboxPort, config, log })
  closers.push(() => stack.stop())
  return stack
}, '.data/distributed')
