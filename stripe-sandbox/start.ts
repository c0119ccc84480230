// Runs a sandbox by itself: node stripe-sandbox/start.ts --port 12111 --data .data/stripe-sandbox
// Ctrl-C or SIGTERM ends it.

import { parseArgs } from 'node:util'
import { startSandbox } from './sandbox.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '12111' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: '.data/stripe-sandbox' },
  },
})

const sandbox = await startSandbox({ port: Number(values.port), host: values.host, dataDir: values.data })
console.log(`Payment sandbox at ${sandbox.url}, state in ${values.data}.`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.stop())
